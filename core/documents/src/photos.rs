//! Several photographs of a paper as one PDF.

use crate::inspect;
use image::codecs::jpeg::JpegEncoder;
use image::error::{LimitError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, imageops::FilterType};
use motcua_domain::procedure::MediaKind;
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref};
use std::io::Cursor;

/// The longest side of a page's picture, in pixels: A4 at 210 dots an inch, which is more than a scanner's usual 200.
const LONGEST: u32 = 2480;

/// The most memory that the pixels of one photograph may take, in bytes.
const MEMORY: u64 = 256 << 20;

const QUALITY: u8 = 82;

/// An A4 page, in points.
const PAGE: (f32, f32) = (595.0, 842.0);

/// A photograph cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the photograph cannot be read: {0}")]
pub struct UnreadablePhoto(String);

/// A photograph as a page: upright as the camera held it, without the metadata of the camera, such as the place.
#[derive(Debug)]
pub struct PhotoPage {
    jpeg: Vec<u8>,
    width: u32,
    height: u32,
}

impl PhotoPage {
    /// Reads a photograph. Its size is checked before it is decoded, so decoding takes some hundred megabytes at most.
    pub fn read(photo: &[u8]) -> Result<Self, UnreadablePhoto> {
        match inspect::picture(photo) {
            Some(Ok(kind)) => read(photo, kind).map_err(|error| UnreadablePhoto(error.to_string())),
            Some(Err(flaw)) => Err(UnreadablePhoto(flaw.word().to_owned())),
            None => Err(UnreadablePhoto("it is neither JPEG nor PNG".to_owned())),
        }
    }

    /// Returns the size of the page's picture in bytes.
    pub fn bytes(&self) -> usize {
        self.jpeg.len()
    }
}

fn read(photo: &[u8], kind: MediaKind) -> Result<PhotoPage, ImageError> {
    // The format is named, because other parts of the program may enable more formats.
    let format = if kind == MediaKind::Png { ImageFormat::Png } else { ImageFormat::Jpeg };
    let mut reader = ImageReader::with_format(Cursor::new(photo), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    if decoder.total_bytes() > MEMORY {
        return Err(ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory)));
    }
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    // A good filter takes 16 bytes a pixel, so a large picture is made smaller in two steps.
    if longest(&image) > 2 * LONGEST {
        image = image.thumbnail(2 * LONGEST, 2 * LONGEST);
    }
    if longest(&image) > LONGEST {
        image = image.resize(LONGEST, LONGEST, FilterType::Triangle);
    }
    image.apply_orientation(orientation);
    let image = image.to_rgb8();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&image)?;
    Ok(PhotoPage { jpeg, width: image.width(), height: image.height() })
}

fn longest(image: &DynamicImage) -> u32 {
    image.width().max(image.height())
}

/// Returns one PDF of these photographs in their order, a page each.
pub fn to_pdf(pictures: &[PhotoPage]) -> Vec<u8> {
    let mut next = 0;
    let mut id = || {
        next += 1;
        Ref::new(next)
    };
    let (catalog, tree) = (id(), id());
    let pages: Vec<[Ref; 3]> = pictures.iter().map(|_| [id(), id(), id()]).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(pages.iter().map(|[page, ..]| *page)).count(count);
    for (picture, [page, image, content]) in pictures.iter().zip(&pages) {
        let (width, height) = fitted(picture);
        let mut writer = pdf.page(*page);
        writer.parent(tree).media_box(Rect::new(0.0, 0.0, width, height)).contents(*content);
        writer.resources().x_objects().pair(Name(b"P"), *image);
        writer.finish();
        let mut object = pdf.image_xobject(*image, &picture.jpeg);
        object.filter(Filter::DctDecode);
        object.width(i32::try_from(picture.width).unwrap_or(i32::MAX));
        object.height(i32::try_from(picture.height).unwrap_or(i32::MAX));
        object.color_space().device_rgb();
        object.bits_per_component(8);
        object.finish();
        let mut drawing = Content::new();
        drawing.save_state();
        drawing.transform([width, 0.0, 0.0, height, 0.0, 0.0]);
        drawing.x_object(Name(b"P"));
        drawing.restore_state();
        pdf.stream(*content, &drawing.finish());
    }
    pdf.finish()
}

/// Returns the size of a page: the picture's shape within A4, turned as the picture is.
fn fitted(picture: &PhotoPage) -> (f32, f32) {
    #[expect(clippy::cast_precision_loss, reason = "a picture has at most some thousand pixels a side")]
    let (width, height) = (picture.width.max(1) as f32, picture.height.max(1) as f32);
    let (page_width, page_height) = if width > height { (PAGE.1, PAGE.0) } else { PAGE };
    let scale = (page_width / width).min(page_height / height);
    (width * scale, height * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let image = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([u8::try_from(x % 256).unwrap_or(0), u8::try_from(y % 256).unwrap_or(0), 90])
        });
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).expect("a picture");
        bytes.into_inner()
    }

    fn pdf(photos: &[Vec<u8>]) -> Vec<u8> {
        let pages: Vec<PhotoPage> =
            photos.iter().map(|photo| PhotoPage::read(photo).expect("it can be read")).collect();
        to_pdf(&pages)
    }

    #[test]
    fn photographs_become_pages_of_one_pdf_in_their_order() {
        let pdf = pdf(&[photo(3000, 2000, ImageFormat::Jpeg), photo(300, 500, ImageFormat::Png)]);
        assert_eq!(inspect::inspect(&pdf), Ok(MediaKind::Pdf));
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("/Count 2"));
        assert!(text.contains("[0 0 842 561."), "the first lies: {text:.400}");
        assert!(text.contains("[0 0 505.2"), "the second stands");
        assert!(text.contains("/Width 2480"), "made smaller");
    }

    #[test]
    fn a_large_photograph_is_made_smaller_in_steps_and_keeps_its_shape() {
        let page = PhotoPage::read(&photo(6000, 1500, ImageFormat::Jpeg)).expect("it can be read");
        assert_eq!((page.width, page.height), (2480, 620));
    }

    #[test]
    fn pictures_that_are_broken_or_of_other_formats_are_no_pages() {
        let whole = photo(10, 10, ImageFormat::Jpeg);
        let gif = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec();
        let webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0/\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0".to_vec();
        let cut = whole[..whole.len() / 2].to_vec();
        for broken in [cut, gif, webp, b"\x89PNG\r\n\x1a\nbut not really".to_vec()] {
            assert!(PhotoPage::read(&broken).is_err(), "{broken:?}");
        }
    }
}
