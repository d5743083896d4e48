/*
 * Lets people draw a place instead of typing its coordinates. Only pages on which somebody may draw one load it.
 *
 * The text with the coordinates stays the field of the form: whatever is drawn is written into it, and whatever is
 * typed into it is drawn. Without tiles of a map, the lines of a grid show where a place is and how large it is. Like
 * `portal.js`, this module has no words of its own.
 */

/** The width of a tile, in pixels. */
const TILE = 256;

/** The zooms of the nearest and the farthest view. */
const NEAREST = 20;
const FARTHEST = 5;

/** The zoom of a single point, and that of an empty map with a place of its own. */
const CLOSE = 17;
const REGION = 11;

/** The middle of Vietnam. */
const MIDDLE = [16, 107];

/** The most corners of an area, as the server takes them. */
const MOST = 500;

/** The way that a finger slips when it taps, and the distance within which it hits a corner, in pixels. */
const SLIP = 8;
const HIT = 22;

/** The least distance of two lines of the grid, in pixels. */
const APART = 90;

/** Returns an element of a drawing. */
function drawn(name, attributes = {}, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...inside);
  return element;
}

/** Returns an element of the page with a class and a text. */
function made(name, className, text = "") {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Returns latitude and longitude as pixels of a map of the whole world (Web Mercator). */
function pixels([latitude, longitude], zoom) {
  const size = TILE * 2 ** zoom;
  const sine = Math.sin((latitude * Math.PI) / 180);
  return [(longitude / 360 + 0.5) * size, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * size];
}

/** Returns latitude and longitude of pixels of a map of the whole world. */
function degrees([x, y], zoom) {
  const size = TILE * 2 ** zoom;
  return [(Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / size))) * 180) / Math.PI, (x / size - 0.5) * 360];
}

/** Returns the distance of two points in pixels. */
function distance([x, y], [otherX, otherY]) {
  return Math.hypot(x - otherX, y - otherY);
}

/** Reads points as the server does: latitude and longitude, one point a line. Returns null if a line is no point. */
function read(text) {
  const number = (part = "") => (part.trim() ? Number(part.trim().replace(",", ".")) : NaN);
  const point = (line) => {
    const parts = line.split(/[ \t;]+/).filter(Boolean);
    const pair = parts.length === 1 ? line.split(",") : [parts[0].replace(/,$/, ""), ...parts.slice(1)];
    return pair.length === 2 ? pair.map(number) : [NaN, NaN];
  };
  const points = text.split("\n").map((line) => line.trim()).filter(Boolean).map(point);
  return points.every(([latitude, longitude]) => Math.abs(latitude) < 85 && Math.abs(longitude) < 180) ? points : null;
}

/** Returns the area within corners, in square metres, as the server computes it. */
function squareMetres(corners) {
  const doubled = corners.reduce((sum, [latitude, longitude], at) => {
    const [nextLatitude, nextLongitude] = corners[(at + 1) % corners.length];
    return sum + longitude * nextLatitude - nextLongitude * latitude;
  }, 0);
  return (Math.abs(doubled) / 2) * 111320 ** 2 * Math.cos((corners[0][0] * Math.PI) / 180);
}

/**
 * Draws the place of a text on a map, and writes what is drawn into the text.
 *
 * `data-shape` is `point` or `area`. The other attributes are the texts: `data-how`, `data-nearer`, `data-farther`,
 * `data-remove`, `data-clear`, `data-here`, `data-lost`, `data-unread`, and `data-size` with `{size}`. An element with
 * the id `map-tiles` has the tiles: `data-url`, `data-credit`, `data-zoom` and `data-centre`.
 */
class PlaceMap extends HTMLElement {
  connectedCallback() {
    this.text = this.querySelector("textarea");
    if (!this.text) return;
    if (!this.canvas) this.build();
    this.watch.observe(this.canvas);
  }

  disconnectedCallback() {
    this.watch?.disconnect();
  }

  build() {
    this.source = document.getElementById("map-tiles")?.dataset ?? {};
    this.nearest = Number(this.source.zoom) || NEAREST;
    this.images = new Map();
    this.pointers = new Map();
    this.grid = drawn("g", { class: "lines" });
    this.tiles = drawn("g");
    this.place = drawn("g", { class: "drawing" });
    // The text beside the map has the same content for those who do not see it.
    this.canvas = drawn("svg", { "aria-hidden": "true" }, this.grid, this.tiles, this.place);
    this.said = made("p", "help");
    this.said.setAttribute("role", "status");
    const row = made("div", "tools");
    row.append(...this.tools());
    this.prepend(made("p", "help", this.dataset.how), this.canvas, row, this.said);
    if (this.source.url) this.canvas.after(made("p", "credit quiet", this.source.credit));
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    this.canvas.addEventListener("pointerup", (event) => this.up(event, true));
    this.canvas.addEventListener("pointercancel", (event) => this.up(event, false));
    this.text.addEventListener("input", () => this.text.value !== this.written && this.take());
    this.text.addEventListener("change", () => this.text.value !== this.written && this.fit());
    this.watch = new ResizeObserver(() => this.measure());
    this.take();
  }

  /** Returns the buttons below the map. */
  tools() {
    const { nearer, farther, remove, clear, here } = this.dataset;
    const label = this.text.labels[0]?.textContent.replace(/\s+/g, " ").trim() ?? "";
    const tool = (words, act) => {
      const button = made("button", "small", words);
      button.type = "button";
      button.append(made("span", "hidden", ` (${label})`));
      button.addEventListener("click", act);
      return button;
    };
    const tools = [tool(nearer, () => this.turn(1)), tool(farther, () => this.turn(-1))];
    if (navigator.geolocation && isSecureContext) tools.push(tool(here, () => this.goHere()));
    if (this.dataset.shape === "area") tools.push(tool(remove, () => this.removeChosen()));
    tools.push(tool(clear, () => this.write([], -1)));
    return tools;
  }

  /** Takes in the size of the map, which is none while the map is folded away. */
  measure() {
    const { width, height } = this.canvas.getBoundingClientRect();
    const isFirst = !this.width;
    [this.width, this.height] = [width, height];
    if (!width) return;
    this.canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
    if (isFirst) this.fit();
    else this.draw();
  }

  /** Takes in what stands in the text. A text that is not understood is left alone. */
  take() {
    const points = read(this.text.value);
    this.isRead = points !== null;
    this.points = points ?? [];
    this.chosen = this.points.length - 1;
    this.draw();
  }

  /** Shows the whole place. */
  fit() {
    if (!this.width) return;
    if (this.points.length) {
      const edges = [0, 1].map((part) => this.points.map((point) => point[part]));
      const [south, west] = edges.map((all) => Math.min(...all));
      const [north, east] = edges.map((all) => Math.max(...all));
      const isWithin = (zoom) => {
        const [[left, bottom], [right, top]] = [pixels([south, west], zoom), pixels([north, east], zoom)];
        return right - left < this.width * 0.7 && bottom - top < this.height * 0.7;
      };
      this.centre = [(south + north) / 2, (west + east) / 2];
      this.zoom = Math.min(this.nearest, this.points.length > 1 ? NEAREST : CLOSE);
      while (this.zoom > FARTHEST && !isWithin(this.zoom)) this.zoom -= 1;
    } else {
      const [centre] = read(this.source.centre ?? "") ?? [];
      this.centre = centre ?? MIDDLE;
      this.zoom = centre ? Math.min(this.nearest, REGION) : FARTHEST;
    }
    this.draw();
  }

  /** Returns the pixels of the whole world in the upper left corner of the map. */
  corner() {
    const [x, y] = pixels(this.centre, this.zoom);
    return [x - this.width / 2, y - this.height / 2];
  }

  /** Returns the place at a spot of the map, to a tenth of a metre. */
  under([x, y]) {
    const [left, top] = this.corner();
    return degrees([left + x, top + y], this.zoom).map((part) => Number(part.toFixed(6)));
  }

  /** Returns the spot of a place on the map. */
  spot(place) {
    const [[x, y], [left, top]] = [pixels(place, this.zoom), this.corner()];
    return [x - left, y - top];
  }

  /** Moves the map by so many pixels. */
  shift(right, down) {
    const [x, y] = pixels(this.centre, this.zoom);
    this.centre = degrees([x - right, y - down], this.zoom);
    this.draw();
  }

  /** Goes nearer or farther by some steps. A spot of the map stays where it is. */
  turn(steps, [x, y] = [this.width / 2, this.height / 2]) {
    const zoom = Math.max(FARTHEST, Math.min(this.zoom + steps, this.nearest));
    const [left, top] = this.corner();
    const scale = 2 ** (zoom - this.zoom);
    const moved = [(left + x) * scale - x + this.width / 2, (top + y) * scale - y + this.height / 2];
    this.centre = degrees(moved, zoom);
    this.zoom = zoom;
    this.draw();
  }

  draw() {
    if (!this.width || !this.centre) return;
    this.drawGrid();
    if (this.source.url) this.drawTiles();
    const spots = this.points.map((point) => this.spot(point));
    const border = drawn("polygon", { points: spots.map((spot) => spot.join(",")).join(" ") });
    const kind = (at) => (at === this.chosen ? "chosen" : "corner");
    const dots = spots.map(([cx, cy], at) => drawn("circle", { cx, cy, r: 9, class: kind(at) }));
    this.place.replaceChildren(border, ...dots);
    this.tell();
  }

  /** Draws lines of round degrees, with their numbers. */
  drawGrid() {
    const degree = (TILE * 2 ** this.zoom) / 360;
    const ten = 10 ** Math.ceil(Math.log10(APART / degree));
    const step = [0.2, 0.5, 1].map((part) => part * ten).find((one) => one * degree >= APART) ?? ten;
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const [[north, west], [south, east]] = [this.under([0, 0]), this.under([this.width, this.height])];
    const lines = [];
    for (let at = Math.ceil(west / step); at * step <= east; at += 1) {
      const [x] = this.spot([this.centre[0], at * step]);
      lines.push(drawn("line", { x1: x, x2: x, y1: 0, y2: this.height }));
      lines.push(drawn("text", { x: x + 3, y: this.height - 4 }, (at * step).toFixed(digits)));
    }
    for (let at = Math.ceil(south / step); at * step <= north; at += 1) {
      const [, y] = this.spot([at * step, this.centre[1]]);
      lines.push(drawn("line", { x1: 0, x2: this.width, y1: y, y2: y }));
      lines.push(drawn("text", { x: 3, y: y - 3 }, (at * step).toFixed(digits)));
    }
    this.grid.replaceChildren(...lines);
  }

  /** Draws the tiles of this part of the map, and drops the others. */
  drawTiles() {
    const [left, top] = this.corner();
    const [last, wanted] = [2 ** this.zoom - 1, new Set()];
    for (let x = Math.max(0, Math.floor(left / TILE)); x <= Math.min(last, (left + this.width) / TILE); x += 1) {
      for (let y = Math.max(0, Math.floor(top / TILE)); y <= Math.min(last, (top + this.height) / TILE); y += 1) {
        const numbers = { x, y, z: this.zoom };
        const href = this.source.url.replace(/\{([xyz])\}/g, (_, name) => numbers[name]);
        const image = this.images.get(href) ?? this.load(href);
        image.setAttribute("x", x * TILE - left);
        image.setAttribute("y", y * TILE - top);
        wanted.add(href);
      }
    }
    for (const [href, image] of this.images) {
      if (wanted.has(href)) continue;
      image.remove();
      this.images.delete(href);
    }
  }

  /** Returns the picture of a tile. The grid is seen in the place of one that does not come. */
  load(href) {
    const image = drawn("image", { href, width: TILE, height: TILE });
    image.addEventListener("error", () => image.setAttribute("visibility", "hidden"));
    this.images.set(href, image);
    this.tiles.append(image);
    return image;
  }

  /** Says how large the area is, or why nothing can be drawn. */
  tell() {
    let text = this.isRead ? "" : this.dataset.unread;
    if (this.dataset.shape === "area" && this.points.length > 2) {
      const size = Math.round(squareMetres(this.points)).toLocaleString(document.documentElement.lang);
      text = this.dataset.size.replace("{size}", size);
    }
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  /** Writes points into the text, of which one is chosen. */
  write(points, chosen) {
    [this.points, this.chosen, this.isRead] = [points, chosen, true];
    this.written = points.map((point) => point.join(", ")).join("\n");
    this.text.value = this.written;
    this.draw();
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
    this.text.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Marks a place: the point, or a corner after the one that is chosen. */
  mark(place) {
    if (!this.isRead) return;
    if (this.dataset.shape !== "area") {
      this.write([place], 0);
    } else if (this.points.length < MOST) {
      const at = this.chosen + 1;
      this.write([...this.points.slice(0, at), place, ...this.points.slice(at)], at);
    }
  }

  removeChosen() {
    const rest = this.points.filter((_, at) => at !== this.chosen);
    const chosen = this.chosen > 0 ? this.chosen - 1 : rest.length - 1;
    if (this.isRead && rest.length < this.points.length) this.write(rest, chosen);
  }

  /** Goes to the place of the device. A point is marked there, and a border is drawn round it by hand. */
  goHere() {
    const found = ({ coords: { latitude, longitude } }) => {
      this.centre = [latitude, longitude];
      this.zoom = Math.min(this.nearest, CLOSE + 1);
      this.draw();
      if (this.dataset.shape !== "area") this.mark(this.under([this.width / 2, this.height / 2]));
    };
    const lost = () => (this.said.textContent = this.dataset.lost);
    navigator.geolocation.getCurrentPosition(found, lost, { enableHighAccuracy: true, timeout: 20000 });
  }

  /** Returns the spot of a finger or a mouse. */
  at({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  down(event) {
    if (event.button > 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    const at = this.at(event);
    this.pointers.set(event.pointerId, at);
    const near = this.points.map((point) => distance(this.spot(point), at));
    const nearest = near.indexOf(Math.min(...near));
    this.held = this.pointers.size === 1 && near[nearest] <= HIT ? nearest : -1;
    this.from = at;
    this.hasMoved = this.pointers.size > 1;
    this.spread = this.hasMoved ? distance(...this.pointers.values()) : 0;
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    if (!this.hasMoved && distance(this.from, now) < SLIP) return;
    this.hasMoved = true;
    this.pointers.set(event.pointerId, now);
    if (this.pointers.size > 1) {
      this.pinch();
    } else if (this.held >= 0) {
      this.points[this.held] = this.under(now);
      this.chosen = this.held;
      this.draw();
    } else {
      this.shift(now[0] - before[0], now[1] - before[1]);
    }
  }

  /** Goes nearer when two fingers have moved apart, and farther when they have come together. */
  pinch() {
    const [one, other] = [...this.pointers.values()];
    const spread = distance(one, other);
    const steps = Math.round(Math.log2(spread / (this.spread || spread)));
    if (!steps || !Number.isFinite(steps)) return;
    this.spread = spread;
    this.turn(steps, [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2]);
  }

  up(event, isDone) {
    if (!this.pointers.delete(event.pointerId) || this.pointers.size) return;
    if (this.hasMoved) {
      if (this.held >= 0) this.write(this.points, this.held);
    } else if (isDone && this.held >= 0) {
      this.chosen = this.held;
      this.draw();
    } else if (isDone) {
      this.mark(this.under(this.at(event)));
    }
  }
}

customElements.define("place-map", PlaceMap);
