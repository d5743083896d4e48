//! Several photographs of a paper as one PDF.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, imageops::FilterType};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref};
use std::io::Cursor;

/// The longest side of a page's picture, in pixels: A4 at 210 dots an inch, which is more than a scanner's usual 200.
const LONGEST: u32 = 2480;

/// The largest side that is read at all, in pixels.
const LARGEST: u32 = 20_000;

/// The most memory that one picture may take while it is read, in bytes.
const MEMORY: u64 = 512 << 20;

const QUALITY: u8 = 82;

/// An A4 page, in points.
const PAGE: (f32, f32) = (595.0, 842.0);

/// A picture cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("picture {number} cannot be read: {reason}")]
pub struct Unreadable {
    /// From 1.
    pub number: usize,
    pub reason: String,
}

/// A page's picture.
struct Picture {
    jpeg: Vec<u8>,
    width: u32,
    height: u32,
}

/// One PDF of these photographs, a page each, upright as the camera held them, without what cameras write beside the
/// picture, such as the place.
pub fn to_pdf(photos: &[impl AsRef<[u8]>]) -> Result<Vec<u8>, Unreadable> {
    let mut pages = Vec::new();
    for (at, photo) in photos.iter().enumerate() {
        let unreadable = |error: image::ImageError| Unreadable { number: at + 1, reason: error.to_string() };
        pages.push(picture(photo.as_ref()).map_err(unreadable)?);
    }
    Ok(write(&pages))
}

fn picture(bytes: &[u8]) -> Result<Picture, image::ImageError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    if image.width().max(image.height()) > LONGEST {
        image = image.resize(LONGEST, LONGEST, FilterType::Triangle);
    }
    let image = image.to_rgb8();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&image)?;
    Ok(Picture { jpeg, width: image.width(), height: image.height() })
}

fn write(pictures: &[Picture]) -> Vec<u8> {
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

/// The size of a page: the picture's shape within A4, turned as the picture is.
fn fitted(picture: &Picture) -> (f32, f32) {
    #[expect(clippy::cast_precision_loss, reason = "a picture has at most some thousand pixels a side")]
    let (width, height) = (picture.width.max(1) as f32, picture.height.max(1) as f32);
    let (page_width, page_height) = if width > height { (PAGE.1, PAGE.0) } else { PAGE };
    let scale = (page_width / width).min(page_height / height);
    (width * scale, height * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
        let image = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([u8::try_from(x % 256).unwrap_or(0), u8::try_from(y % 256).unwrap_or(0), 90])
        });
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).expect("a picture");
        bytes.into_inner()
    }

    #[test]
    fn photographs_become_pages_of_one_pdf_in_their_order() {
        let photos = [photo(3000, 2000, image::ImageFormat::Jpeg), photo(300, 500, image::ImageFormat::Png)];
        let pdf = to_pdf(&photos).expect("they can be read");
        assert!(pdf.starts_with(b"%PDF-"));
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("/Count 2"));
        assert!(text.contains("[0 0 842 561."), "the first lies: {text:.400}");
        assert!(text.contains("[0 0 505.2"), "the second stands");
        assert!(text.contains("/Width 2480"), "made smaller");
    }

    #[test]
    fn what_is_no_picture_is_told_with_its_number() {
        let error = to_pdf(&[photo(10, 10, image::ImageFormat::Png), b"\x89PNG but not really".to_vec()]);
        assert_eq!(error.expect_err("it is broken").number, 2);
    }
}
