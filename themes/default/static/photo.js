/*
 * Lets people straighten photographs of papers on their device before they are sent, which also makes them smaller and
 * leaves out the place where they were taken. Only pages that take files load this module. Like `portal.js`, it has no
 * words of its own.
 */

/** The longest side of a photograph that is worked on, and of one that is sent, in pixels. */
const MOST_READ = 2600;
const MOST_SENT = 2000;

/** The quality of a JPEG that is sent, from 0 to 1. */
const QUALITY = 0.85;

/** The corners of a paper in a new photograph, in parts of its width and its height, clockwise from the upper left. */
const CORNERS = [[0.05, 0.05], [0.95, 0.05], [0.95, 0.95], [0.05, 0.95]];

/** The step of an arrow key, and the ways of the keys. */
const STEP = 0.01;
const WAYS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** Returns an element with a class and a text. */
function made(name, className, text = "") {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Returns a button that submits nothing. */
function tool(text, act, className = "small") {
  const button = made("button", className, text);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/** Returns an empty canvas. */
function canvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width: Math.round(width), height: Math.round(height) });
}

/** Returns a photograph on a canvas, after so many quarter turns. */
function turned(photo, turns) {
  const scale = Math.min(1, MOST_READ / Math.max(photo.width, photo.height));
  const size = [photo.width * scale, photo.height * scale];
  const result = canvas(...(turns % 2 ? [size[1], size[0]] : size));
  const context = result.getContext("2d");
  context.translate(result.width / 2, result.height / 2);
  context.rotate((turns * Math.PI) / 2);
  context.drawImage(photo, -size[0] / 2, -size[1] / 2, ...size);
  return result;
}

/** Returns the mapping of the unit square to four corners, which undoes a perspective. */
function mapping([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
  const [ax, ay, bx, by] = [x1 - x2, y1 - y2, x3 - x2, y3 - y2];
  const [sumX, sumY] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const whole = ax * by - bx * ay;
  const [g, h] = [(sumX * by - bx * sumY) / whole, (ax * sumY - sumX * ay) / whole];
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h];
}

/** Returns the part of a photograph within four corners as an upright rectangle. */
function straightened(source, corners) {
  const at = corners.map(([x, y]) => [x * (source.width - 1), y * (source.height - 1)]);
  const side = (one, other) => Math.hypot(at[one][0] - at[other][0], at[one][1] - at[other][1]);
  const [width, height] = [Math.max(side(0, 1), side(3, 2)), Math.max(side(0, 3), side(1, 2))];
  const scale = Math.min(1, MOST_SENT / Math.max(width, height));
  const result = canvas(Math.max(1, width * scale), Math.max(1, height * scale));
  const context = result.getContext("2d");
  const sent = context.createImageData(result.width, result.height);
  const { data } = source.getContext("2d").getImageData(0, 0, source.width, source.height);
  const [a, b, c, d, e, f, g, h] = mapping(at);
  const [lastX, lastY, row] = [source.width - 2, source.height - 2, source.width * 4];
  let to = 0;
  for (let y = 0; y < result.height; y += 1) {
    const v = (y + 0.5) / result.height;
    for (let x = 0; x < result.width; x += 1) {
      const u = (x + 0.5) / result.width;
      const part = g * u + h * v + 1;
      const fromX = Math.max(0, Math.min((a * u + b * v + c) / part, lastX));
      const fromY = Math.max(0, Math.min((d * u + e * v + f) / part, lastY));
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const right = fromX - left;
      const down = fromY - top;
      const first = top * row + left * 4;
      for (let colour = first; colour < first + 3; colour += 1) {
        const above = data[colour] * (1 - right) + data[colour + 4] * right;
        const below = data[colour + row] * (1 - right) + data[colour + row + 4] * right;
        sent.data[to++] = above * (1 - down) + below * down;
      }
      sent.data[to++] = 255;
    }
  }
  context.putImageData(sent, 0, 0);
  return result;
}

/** Returns whether corners go round clockwise without a dent, as those of a paper do. */
function isPaper(corners) {
  return corners.every(([x, y], at) => {
    const [[nextX, nextY], [lastX, lastY]] = [corners[(at + 1) % 4], corners[(at + 2) % 4]];
    return (nextX - x) * (lastY - nextY) - (nextY - y) * (lastX - nextX) > 0.0005;
  });
}

/**
 * Adds a button to a `file-drop` that takes photographs: each is straightened in a dialog and then sent by the
 * `file-drop`.
 *
 * `data-about` says what the photographs are of. The other attributes are the texts: `data-open`, `data-how`,
 * `data-corners` (four names with `|` between them), `data-turn`, `data-see`, `data-dent`, `data-result`, `data-send`,
 * `data-again` and `data-cancel`.
 */
class PhotoFrame extends HTMLElement {
  connectedCallback() {
    const drop = this.closest("file-drop");
    this.input = drop?.querySelector("input[type=file]");
    const isAble = "HTMLDialogElement" in window && "createImageBitmap" in window;
    if (this.picker || !isAble || !this.input?.accept.includes("image/jpeg") || !("live" in drop.dataset)) return;
    this.picker = document.createElement("input");
    Object.assign(this.picker, { type: "file", accept: "image/*", multiple: true, hidden: true });
    this.picker.addEventListener("change", () => this.take([...this.picker.files]));
    const open = tool(this.dataset.open, () => this.picker.click());
    if (this.dataset.about) open.append(made("span", "hidden", ` (${this.dataset.about})`));
    this.append(this.picker, open);
  }

  /** Shows photographs one after the other, and sends those that are kept. */
  async take(files) {
    this.picker.value = "";
    const kept = [];
    for (const file of files) {
      const photo = await createImageBitmap(file).catch(() => null);
      // The server says of a file that the browser cannot show what is wrong with it.
      const sent = photo ? await this.edit(photo, file.name) : file;
      if (sent) kept.push(sent);
    }
    // Another file that was sent meanwhile may have put a new element in the place of this one.
    if (kept.length) document.getElementById(this.input.id)?.closest("file-drop")?.take(kept);
  }

  /** Shows a photograph. Resolves to the straightened one, or to null if it is not kept. */
  edit(photo, name) {
    const words = this.dataset;
    const dialog = made("dialog", "photo");
    dialog.setAttribute("aria-label", words.open);
    const [said, frame, row] = [made("p", "help"), made("div", "frame"), made("div", "buttons")];
    said.setAttribute("role", "status");
    const border = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    border.setAttribute("viewBox", "0 0 1 1");
    border.setAttribute("preserveAspectRatio", "none");
    border.append(document.createElementNS("http://www.w3.org/2000/svg", "polygon"));
    let [turns, corners, source, result, held] = [0, [], null, null, -1];
    const move = (at, [x, y]) => {
      corners[at] = [x, y].map((part) => Math.max(0, Math.min(part, 1)));
      draw();
    };
    const handles = words.corners.split("|").map((label, at) => {
      const handle = tool("", () => {}, "handle");
      handle.setAttribute("aria-label", label);
      handle.addEventListener("keydown", (event) => {
        const way = Object.hasOwn(WAYS, event.key) ? WAYS[event.key] : null;
        if (!way) return;
        event.preventDefault();
        move(at, [corners[at][0] + way[0], corners[at][1] + way[1]]);
      });
      return handle;
    });
    const draw = () => {
      border.firstChild.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
      handles.forEach((handle, at) => {
        [handle.style.left, handle.style.top] = corners[at].map((part) => `${part * 100}%`);
      });
    };
    const put = (picture, ...above) => {
      frame.style.width = `min(100%, ${(60 * picture.width) / picture.height}vh)`;
      frame.replaceChildren(picture, ...above);
    };
    const show = () => {
      result = null;
      source = turned(photo, turns);
      said.textContent = words.how;
      put(source, border, ...handles);
      row.replaceChildren(tool(words.see, see, "primary"), tool(words.turn, turn), cancel);
      draw();
      handles[0].focus();
    };
    const turn = () => {
      turns += 1;
      corners = CORNERS.map((corner) => [...corner]);
      show();
    };
    const see = () => {
      if (!isPaper(corners)) {
        said.textContent = words.dent;
        return;
      }
      result = straightened(source, corners);
      said.textContent = words.result;
      put(result);
      const send = tool(words.send, () => dialog.close("send"), "primary");
      row.replaceChildren(send, tool(words.again, show), cancel);
      send.focus();
    };
    const cancel = tool(words.cancel, () => dialog.close());
    const at = ({ clientX, clientY }) => {
      const box = frame.getBoundingClientRect();
      return [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    };
    // A tap moves the nearest corner, so nothing has to be dragged.
    frame.addEventListener("pointerdown", (event) => {
      if (result) return;
      event.preventDefault();
      const [x, y] = at(event);
      const far = corners.map((corner) => Math.hypot(corner[0] - x, corner[1] - y));
      held = far.indexOf(Math.min(...far));
      frame.setPointerCapture(event.pointerId);
      move(held, [x, y]);
    });
    frame.addEventListener("pointermove", (event) => held >= 0 && move(held, at(event)));
    ["pointerup", "pointercancel"].forEach((kind) => frame.addEventListener(kind, () => (held = -1)));
    turns = -1;
    turn();
    dialog.append(said, frame, row);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        photo.close();
        const title = `${name.replace(/\.[^.]*$/, "") || "photo"}.jpg`;
        const file = (blob) => resolve(blob && new File([blob], title, { type: "image/jpeg" }));
        if (dialog.returnValue === "send" && result) result.toBlob(file, "image/jpeg", QUALITY);
        else resolve(null);
      });
    });
  }
}

customElements.define("photo-frame", PhotoFrame);
