"use strict";

// Buttons that copy appear only where there is a script to do it.
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const said = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = said; }, 1500);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button.parentElement.querySelector("code").textContent, button));
}

// A click on a heading sorts the rows of a table by its column, a second one the other way round.
function valueOf(row, column) {
  const text = row.cells[column].textContent.trim();
  const number = parseFloat(text.replaceAll(",", ""));
  return text !== "" && Number.isFinite(number) ? number : text;
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
  return one.localeCompare(other);
}

for (const table of document.querySelectorAll("table[data-sortable]")) {
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const upwards = heading.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", upwards ? "ascending" : "descending");
      const column = heading.cellIndex;
      const rows = [...table.tBodies[0].rows].sort((a, b) => compare(valueOf(a, column), valueOf(b, column)));
      table.tBodies[0].append(...(upwards ? rows : rows.reverse()));
    });
  }
}

const REACH = { mouse: 26, pen: 34, touch: 44 };
const data = new Map();

function read(key) {
  if (!data.has(key)) data.set(key, JSON.parse(document.getElementById(key).textContent));
  return data.get(key);
}

function made(tag, text, name) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (name) node.className = name;
  return node;
}

// Lines of a structure break after a super-block.
function broken(structure) {
  const code = made("code");
  for (const block of structure.split(/(?<=\))/)) code.append(block, made("wbr"));
  return code;
}

function exact(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 4 });
}

class Cloud {
  constructor(svg) {
    this.svg = svg;
    this.box = svg.parentElement;
    this.spot = svg.querySelector(".spot");
    this.places = JSON.parse(svg.dataset.places);
    const { score, costs, points } = read(svg.dataset.points);
    this.upwards = score;
    this.costs = costs;
    this.points = points;
    this.order = points.map((_, index) => index).sort((a, b) => this.places[2 * a] - this.places[2 * b]);
    this.shown = null;
    this.pinned = false;
    this.tip = made("div", undefined, "tip");
    this.tip.hidden = true;
    this.tip.setAttribute("role", "tooltip");
    this.heard = made("p", "", "unseen");
    this.heard.setAttribute("aria-live", "polite");
    this.box.append(this.tip, this.heard);
    svg.addEventListener("pointermove", (event) => { if (!this.pinned && event.pointerType !== "touch") this.point(event); });
    svg.addEventListener("pointerleave", (event) => { if (!this.pinned && event.pointerType !== "touch") this.hide(); });
    svg.addEventListener("click", (event) => this.press(event));
    svg.addEventListener("keydown", (event) => this.key(event));
    svg.addEventListener("blur", () => { if (!this.pinned) this.hide(); });
    document.addEventListener("pointerdown", (event) => { if (!this.box.contains(event.target)) this.hide(); });
    addEventListener("resize", () => this.hide());
  }

  nearest(event) {
    const frame = this.svg.getBoundingClientRect();
    const scale = frame.width / this.svg.viewBox.baseVal.width;
    const x = (event.clientX - frame.left) / scale;
    const y = (event.clientY - frame.top) / scale;
    const reach = (REACH[event.pointerType] ?? REACH.touch) / scale;
    let best = null;
    let least = reach * reach;
    for (let index = 0; index < this.points.length; index += 1) {
      const apart = (this.places[2 * index] - x) ** 2 + (this.places[2 * index + 1] - y) ** 2;
      // Of two at one place the later is drawn above the other.
      if (apart <= least) { least = apart; best = index; }
    }
    return best;
  }

  point(event) {
    const index = this.nearest(event);
    if (index === null) this.hide();
    else this.show(index);
  }

  press(event) {
    const index = this.nearest(event);
    if (index === null || (this.pinned && index === this.shown)) { this.hide(); return; }
    this.pinned = true;
    this.show(index);
  }

  key(event) {
    if (event.key === "Escape") { this.hide(); return; }
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    // Begin with the one drawn on top: the answer.
    const from = this.shown === null ? null : this.order.indexOf(this.shown);
    const count = this.order.length;
    const next = from === null ? this.points.length - 1 : this.order[(from + steps[event.key] + count) % count];
    this.pinned = true;
    this.show(next);
    this.heard.textContent = this.tip.innerText;
  }

  show(index) {
    this.shown = index;
    const [structure, score, costs, name] = this.points[index];
    const facts = [[this.upwards, exact(score)]];
    for (const [place, [title, unit]] of this.costs.entries()) {
      if (costs[place] !== null) facts.push([title, `${exact(costs[place])} ${unit}`.trim()]);
    }
    const list = made("dl");
    for (const [term, value] of facts) list.append(made("dt", term), made("dd", value));
    this.tip.replaceChildren(...(name ? [made("strong", name)] : []), list, broken(structure));
    this.tip.classList.toggle("pinned", this.pinned);
    if (this.pinned) {
      const button = made("button", "Copy structure");
      button.type = "button";
      button.addEventListener("click", () => copy(structure, button));
      this.tip.append(button);
    }
    this.tip.hidden = false;
    this.place(index);
  }

  place(index) {
    const scale = this.svg.getBoundingClientRect().width / this.svg.viewBox.baseVal.width;
    const x = this.places[2 * index];
    const y = this.places[2 * index + 1];
    this.spot.setAttribute("cx", x);
    this.spot.setAttribute("cy", y);
    this.spot.removeAttribute("hidden");
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = Math.max(0, Math.min(x * scale - width / 2, this.box.clientWidth - width));
    const above = y * scale - height - 14;
    const top = this.box.getBoundingClientRect().top + above > 0 ? above : y * scale + 14;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${top}px`;
  }

  hide() {
    this.shown = null;
    this.pinned = false;
    this.tip.hidden = true;
    this.spot.setAttribute("hidden", "");
  }
}

for (const svg of document.querySelectorAll("[data-points]")) new Cloud(svg);
