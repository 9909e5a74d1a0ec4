// The browser's half of a flipbook: sliders above a drawing, in a notebook and on a page.
// It looks up what Python computed and writes it into the SVG. There is no mathematics here, so
// there is nothing that could disagree with the book's core.

const BREAK = 65535; // the code for "no point here"
const WORDS = { u1: Uint8Array, u2: Uint16Array, f4: Uint32Array };
const DASHES = [0, 1, 2].map((k) => `flipbook-ghost-${k}`); // more could not be told apart
let views = 0; // numbers each view, so that no id on a page occurs twice

export default { render };

async function render({ model, el }) {
  const book = await unpack(model.get("data"));
  const view = new View(book, model.get("page") === true);
  el.replaceChildren(view.root);
  return () => view.remove();
}

// One compressed block holds the head (JSON) and, after it, all arrays.
async function unpack(block) {
  const packed = new Uint8Array(block.buffer ?? block, block.byteOffset ?? 0, block.byteLength);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const book = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  book.arrays = book.arrays.map(({ type, shape, coding, at }) => {
    const written = new WORDS[type](buffer, 4 + length + at, count(shape));
    const items = coding === "plain" ? written : undo(written, coding, shape.at(-1));
    return { shape, items: type === "f4" ? new Float32Array(items.slice().buffer) : items };
  });
  return book;
}

// Written are the differences from one number to the next, along the rows or, state by state,
// across them: that compresses far better. The sums wrap round in their type, as in Python.
function undo(written, coding, columns) {
  const items = written.slice(), rows = items.length / columns;
  let last = 0;
  written.forEach((step, k) => {
    const place = coding === "along" ? k : (k % rows) * columns + Math.floor(k / rows);
    items[place] = last + step;
    last = items[place];
  });
  return items;
}

const count = (shape) => shape.reduce((product, length) => product * length, 1);
// The part of an array that belongs to the sliders' positions. An axis of length 1 holds for all.
function row({ shape, items }, positions) {
  const size = count(shape.slice(positions.length));
  const at = positions.reduce((sum, i, k) => sum * shape[k] + (shape[k] === 1 ? 0 : i), 0);
  return items.slice(at * size, (at + 1) * size);
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const button = (text, onclick, more) => make("button", { type: "button", onclick, ...more }, text);

class View {
  constructor(book, onPage) {
    const root = make("div", { className: "flipbook-view", role: "group", ariaLabel: book.title });
    Object.assign(this, { book, root, onPage, uid: `flipbook-${++views}-`, pins: [] });
    this.positions = book.controls.map((control) => control.start);
    this.buildControls();
    this.buildDrawing();
    this.buildTools();
    const fromHash = onPage && this.readHash();
    if (book.predict && !fromHash) this.buildQuestion();
    this.show();
    this.listen();
    if (fromHash) requestAnimationFrame(() => root.scrollIntoView({ block: "nearest" }));
  }

  buildControls() {
    this.sliders = this.book.controls.map((control, k) => {
      const id = `${this.uid}control-${k}`;
      const input = make("input", { type: "range", id, min: 0, max: control.texts.length - 1 });
      // JupyterLab takes arrow keys for itself unless the input, and no parent, forbids it.
      input.dataset.lmSuppressShortcuts = "true";
      input.addEventListener("input", () => this.move(k, Number(input.value)));
      // The slider speaks for itself, so its number is not announced once more.
      const output = make("output", { className: "flipbook-value", htmlFor: id, ariaLive: "off" });
      const track = make("div", { className: "flipbook-track" }, input);
      for (const { at, label, row: line } of control.marks) {
        const mark = make("span", { className: "flipbook-mark" }, make("span", {}, label));
        const lean = at < 0.12 ? 0 : at > 0.88 ? 1 : 0.5; // a label stays inside the figure
        mark.style.cssText = `--at: ${at}; --lean: ${lean}; --row: ${line}`;
        track.append(mark);
      }
      track.style.setProperty("--rows", Math.max(0, ...control.marks.map((mark) => mark.row + 1)));
      const label = make("label", { htmlFor: id }, control.label);
      const head = make("div", { className: "flipbook-label" }, label, output);
      return { input, output, box: make("div", { className: "flipbook-control" }, head, track) };
    });
    const boxes = this.sliders.map((slider) => slider.box);
    const named = { className: "flipbook-controls", ariaLabel: "Sliders" };
    this.controls = make("fieldset", named, ...boxes);
    // The longest sentence, unseen, keeps the room: the drawing below must not jump.
    this.readout = make("span", { ariaLive: "polite" });
    const line = make("p", { className: "flipbook-readout" }, this.readout);
    line.dataset.longest = this.book.readout.items.reduce((a, b) => (b.length > a.length ? b : a));
    this.root.append(this.controls, line);
  }

  buildDrawing() {
    this.canvas = make("div", { className: "flipbook-drawing" });
    this.canvas.innerHTML = this.book.svg.replace(/(id="|#)~/g, `$1${this.uid}`);
    this.svg = this.canvas.firstChild;
    this.svg.setAttribute("role", "img");
    this.svg.style.setProperty("--fig-width", `${this.book.size[0]}px`);
    this.moves = this.book.moves.map((move, k) => {
      const group = this.svg.querySelector(`#${this.uid}move-${k}`);
      if (move.kind === "image") {
        ["x", "y", "width", "height"].forEach((name, i) => group.setAttribute(name, move.box[i]));
        const [w, h] = move.size;
        const sheet = make("canvas", { width: w, height: h });
        return { ...move, group, sheet, pixels: new ImageData(w, h) };
      }
      const path = move.kind === "line" && group.querySelector(":scope > path");
      const stamp = group.querySelector("[data-stamp]");
      return { ...move, group, path, stamp, shapes: stamp ? [] : this.shapes(move, group) };
    });
    this.root.append(this.canvas);
  }

  // The elements that are shifted to a move's points: made from one mould where there is only one.
  shapes(move, group) {
    if (!move.glyphs) return [];
    if (move.kind === "text") return [group];
    const found = [...group.querySelectorAll(move.kind === "line" ? "use" : "use, g > path")]
      .filter((element) => !element.closest("defs"));
    const n = this.book.arrays[move.glyphs.x].shape.at(-1);
    while (found.length < n) {
      const twin = found[0].cloneNode(true);
      found.at(-1).after(twin);
      found.push(twin);
    }
    return found;
  }

  buildTools() {
    const { book } = this;
    const tools = make("div", { className: "flipbook-tools" });
    if (book.moves.some((move) => move.ghost)) {
      const clear = () => this.pins.forEach((pin) => this.drop(pin));
      this.clear = button("Clear", clear, { hidden: true });
      this.list = make("ul", { className: "flipbook-pins", ariaLabel: "Pinned curves" });
      tools.append(button("Pin this curve", () => this.pin()), this.clear, this.list);
    }
    if (book.code.length) {
      this.code = make("code", {});
      const copy = button("Copy", async () => {
        copy.textContent = (await copyText(this.code)) ? "Copied" : "Press Ctrl+C";
        setTimeout(() => { copy.textContent = "Copy"; }, 2000);
      });
      tools.append(make("div", { className: "flipbook-code" }, this.code, copy));
    }
    if (tools.children.length) this.root.append(tools);
    if (book.tables.length) {
      const named = { role: "region", ariaLabel: "Plotted numbers", tabIndex: 0 };
      this.tables = make("div", { className: "flipbook-tables", ...named });
      this.details = make("details", {}, make("summary", {}, "The plotted numbers"), this.tables);
      this.details.addEventListener("toggle", () => this.showTables());
      this.root.append(this.details);
    }
  }

  // Predict first: the sliders unlock with an answer, or when the reader skips the question.
  buildQuestion() {
    const { question, choices, answer, explain } = this.book.predict;
    const key = `flipbook:${this.book.id}`;
    // A browser may forbid storage; then the question simply comes again.
    try { if (localStorage.getItem(key)) return; } catch { /* ask */ }
    const box = make("div", { className: "flipbook-question", role: "group" });
    const finish = () => {
      this.controls.disabled = false;
      try { localStorage.setItem(key, "seen"); } catch { /* it comes again */ }
    };
    const choose = (chosen) => {
      const verdict = chosen === answer ? "Your prediction holds. " : `It is: ${choices[answer]}. `;
      const said = make("p", { className: "flipbook-verdict", tabIndex: -1 },
        make("strong", {}, verdict), explain, " Now move the slider and see.");
      box.replaceChildren(make("p", {}, question), said);
      said.focus();
      finish();
    };
    const skip = () => { box.remove(); finish(); this.sliders[0].input.focus(); };
    box.append(
      make("p", {}, make("strong", {}, "Predict first. "), question),
      make("div", { className: "flipbook-choices" },
        ...choices.map((text, k) => button(text, () => choose(k))),
        button("Skip", skip, { className: "flipbook-skip" })));
    this.root.prepend(box);
    this.controls.disabled = true;
  }

  move(k, position) {
    this.positions[k] = position;
    this.show();
    clearTimeout(this.later); // browsers allow few changes of the address a second
    this.later = setTimeout(() => this.writeHash(), 300);
  }

  show() {
    const { book, positions } = this;
    const said = row(book.readout, positions)[0];
    this.sliders.forEach(({ input, output }, k) => {
      const text = book.controls[k].texts[positions[k]];
      input.value = positions[k];
      input.style.setProperty("--at", positions[k] / input.max);
      input.setAttribute("aria-valuetext", said ? `${text}: ${said}` : text);
      output.textContent = text;
    });
    this.readout.textContent = said;
    const atStart = positions.every((i, k) => i === book.controls[k].start);
    this.svg.setAttribute("aria-label", atStart ? book.alt : `${book.title}. ${said}`);
    for (const move of this.moves) this.draw(move);
    if (this.code) {
      const pieces = book.code.map((piece) => piece.texts?.[positions[piece.control]] ?? piece);
      this.code.textContent = pieces.join("");
    }
    this.showTables();
  }

  draw(move) {
    if (move.kind === "image") return this.paint(move);
    if (move.words) move.group.querySelector("text").textContent = row(move.words, this.positions)[0];
    const join = (element, pieces) => element.setAttribute("d", pieces.join("")); // null is ""
    if (move.path) {
      const line = this.points(move);
      join(move.path, line.map((place, i) => place && `${line[i - 1] ? "L" : "M"}${place}`));
    }
    const places = move.glyphs ? this.points(move.glyphs) : [];
    if (move.stamp) {
      const { stamp } = move.stamp.dataset; // a marker's outline, relative to where it is set down
      join(move.stamp, places.map((place) => place && `M${place}${stamp}`));
    } else places.forEach((place, i) => {
      move.shapes[i].style.display = place ? "" : "none";
      if (place) move.shapes[i].setAttribute("transform", `translate(${place})`);
    });
  }

  // Undo the 16-bit coding: low + code * step, in the SVG's units; null where there is no point.
  points({ x, y }) {
    const [left, top, dx, dy] = this.book.window;
    const [xs, ys] = [x, y].map((k) => row(this.book.arrays[k], this.positions));
    return Array.from(xs, (code, i) => code === BREAK || ys[i] === BREAK ? null
      : `${(left + code * dx).toFixed(2)} ${(top + ys[i] * dy).toFixed(2)}`);
  }

  paint({ group, sheet, pixels, shades, colors }) {
    const table = this.book.arrays[colors].items;
    row(this.book.arrays[shades], this.positions).forEach((shade, i) => {
      pixels.data.set(table.subarray(4 * shade, 4 * shade + 4), 4 * i);
    });
    sheet.getContext("2d").putImageData(pixels, 0, 0);
    group.setAttribute("href", sheet.toDataURL());
  }

  showTables() {
    if (!this.details?.open) return;
    const cell = (value) => String(Number(value.toPrecision(4))).replace("-", "−");
    this.tables.replaceChildren(...this.book.tables.map(({ caption, heads, columns }) => {
      const [xs, ys] = columns.map((k) => [...row(this.book.arrays[k], this.positions)]);
      const rows = xs.map((x, i) => [x, ys[i]]).filter((pair) => !pair.some(Number.isNaN));
      const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)));
      const body = rows.map((pair) => make("tr", {}, ...pair.map((v) => make("td", {}, cell(v)))));
      const parts = [make("thead", {}, head), make("tbody", {}, ...body)];
      return make("table", {}, make("caption", {}, caption), ...parts);
    }));
  }

  pin() {
    const text = this.book.controls
      .map((control, k) => `${control.label} = ${control.texts[this.positions[k]]}`).join(", ");
    if (this.pins.some((pin) => pin.text === text)) return;
    if (this.pins.length === DASHES.length) this.drop(this.pins[0]);
    const style = DASHES.find((dash) => !this.pins.some((pin) => pin.style === dash));
    const ghosts = this.moves.filter((move) => move.ghost).map(({ group }) => {
      const ghost = group.cloneNode(true);
      ghost.removeAttribute("id");
      ghost.classList.add("flipbook-ghost", style);
      group.before(ghost);
      return ghost;
    });
    const item = make("li", { className: style }, text);
    this.list.append(item);
    this.pins.push({ text, style, elements: [...ghosts, item] });
    this.clear.hidden = false;
  }

  drop(pin) {
    for (const element of pin.elements) element.remove();
    this.pins = this.pins.filter((other) => other !== pin);
    this.clear.hidden = this.pins.length === 0;
  }

  // The address holds the positions of all figures that were moved: #figure=12,3&other=4
  readHash() {
    const entry = location.hash.slice(1).split("&").find((part) => part.startsWith(`${this.book.id}=`));
    const positions = entry?.slice(this.book.id.length + 1).split(",").map(Number) ?? [];
    const valid = positions.length === this.book.controls.length && positions.every((i, k) =>
      Number.isInteger(i) && i >= 0 && i < this.book.controls[k].texts.length);
    if (valid) this.positions = positions;
    return valid;
  }

  writeHash() {
    if (!this.onPage) return;
    const others = location.hash.slice(1).split("&")
      .filter((part) => part.includes("=") && !part.startsWith(`${this.book.id}=`));
    const hash = [...others, `${this.book.id}=${this.positions}`].join("&");
    try { history.replaceState(history.state, "", `#${hash}`); } catch { /* too often, or a sandbox */ }
  }

  listen() {
    const jump = () => { if (this.onPage && this.readHash()) this.show(); };
    addEventListener("hashchange", jump);
    // While a slider has the focus its value text says all; the live region would say it twice.
    this.controls.addEventListener("focusin", () => { this.readout.ariaLive = "off"; });
    this.controls.addEventListener("focusout", () => { this.readout.ariaLive = "polite"; });
    // On a narrow screen the drawing shrinks; its text must stay legible.
    const watch = new ResizeObserver(() => {
      const scale = this.svg.clientWidth / this.book.size[0];
      if (scale > 0) this.svg.style.setProperty("--fig-text", Math.min(1.35, Math.max(1, 0.92 / scale)));
    });
    watch.observe(this.svg);
    this.remove = () => {
      watch.disconnect();
      removeEventListener("hashchange", jump);
    };
  }
}

async function copyText(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch { // no permission, or a file: page in some browsers
    getSelection().selectAllChildren(element);
    return document.execCommand?.("copy") ?? false;
  }
}
