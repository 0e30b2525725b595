"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";

  // Everything of the log enters the page as text, never as markup.
  const make = (space) => (tag, attributes = {}, ...children) => {
    const element = space ? document.createElementNS(space, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const html = make(null);
  const svg = make(SVG);

  // --- tables -----------------------------------------------------------------------------------------------
  const classes = data.details.classes;
  const words = data.details.words;

  const split = (parts) => {
    const bar = svg("svg", { class: "bar", viewBox: "0 0 1000 10", preserveAspectRatio: "none" });
    let at = 0;
    parts.forEach((part, place) => {
      if (!part) return;
      const told = svg("title", {}, `${words[place]} ${(part / 10).toFixed(1)} %`);
      bar.append(svg("rect", { class: `s-${classes[place]}`, x: at, y: 0, width: part, height: 10 }, told));
      at += part;
    });
    return html("td", { class: "split" }, bar);
  };

  const cell = (kind, value, key) => {
    if (kind === "split") return split(value);
    if (kind === "charge_point" && key !== null) return html("td", {}, html("a", { href: `#cp-${key}` }, value));
    return html("td", kind === "text" ? {} : { class: kind }, value);
  };

  for (const block of document.querySelectorAll("[data-table]")) {
    const table = data.tables[block.dataset.table];
    const body = block.querySelector("tbody");
    const heads = [...block.querySelectorAll("th")];
    const filter = block.querySelector(".filter");
    const pager = block.querySelector(".pager");
    const [back, on] = [pager.querySelector(".back"), pager.querySelector(".on")];
    const count = block.querySelector(".count");
    const all = table.rows.map((_, number) => number);
    let kept = all;
    let page = 0;

    const draw = () => {
      const pages = Math.max(1, Math.ceil(kept.length / table.page));
      page = Math.min(Math.max(page, 0), pages - 1);
      const shown = kept.slice(page * table.page, (page + 1) * table.page);
      const keyOf = (column, row) => (table.keys[column] ? table.keys[column][row] : null);
      body.replaceChildren(
        ...shown.map((row) =>
          html("tr", {}, ...table.rows[row].map((value, column) => cell(table.kinds[column], value, keyOf(column, row)))),
        ),
      );
      pager.hidden = pages < 2;
      back.disabled = page === 0;
      on.disabled = page === pages - 1;
      pager.querySelector(".place").textContent = `page ${page + 1} of ${pages}`;
      const rows = (number) => `${number.toLocaleString("en")} ${number === 1 ? "row" : "rows"}`;
      count.textContent = kept.length === all.length ? rows(all.length) : `${kept.length.toLocaleString("en")} of ${rows(all.length)}`;
    };

    const sort = (column, descending) => {
      const sign = descending ? -1 : 1;
      const keys = table.kinds[column] === "charge_point" ? null : table.keys[column];
      const text = (row) => String(table.rows[row][column]).toLowerCase();
      all.sort((left, right) => {
        const [a, b] = keys ? [keys[left], keys[right]] : [text(left), text(right)];
        if (a === b) return left - right;
        if (a === null) return 1; // what is not known comes last, whichever way
        if (b === null) return -1;
        return a < b ? -sign : sign;
      });
    };

    const choose = () => {
      const wanted = filter.value.trim().toLowerCase();
      const has = (row) => table.rows[row].some((value) => typeof value === "string" && value.toLowerCase().includes(wanted));
      kept = wanted ? all.filter(has) : [...all];
      page = 0;
      draw();
    };

    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const numeric = table.keys[column] !== null && table.kinds[column] !== "charge_point";
        const now = head.getAttribute("aria-sort");
        const descending = now ? now === "ascending" : numeric;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(column, descending);
        choose();
      });
    });
    filter.addEventListener("input", choose);
    back.addEventListener("click", () => { page -= 1; draw(); });
    on.addEventListener("click", () => { page += 1; draw(); });
    filter.hidden = all.length < 5;
    draw();
  }

  // --- sections of charge points ----------------------------------------------------------------------------
  const points = data.details.charge_points;
  // A strip is written as letters for words, each with the number of equal stretches if it is not one: A4C2_10.
  const parts = (runs) => [...runs.matchAll(/([A-Z_])(\d*)/g)].map(([, letter, count]) => [letter === "_" ? -1 : letter.charCodeAt(0) - 65, Number(count || 1)]);
  const LEFT = 92;
  const FEW = 10; // rows of a list before one asks for more; the latest come first
  const NUMBERS = new Set(["duration", "energy (kWh)", "peak (kW)", "lasted"]);
  const WIDTH = 1000;

  const strips = (point) => {
    const lanes = point.strips || [];
    const height = lanes.length * 22 + 20;
    const picture = svg("svg", { class: "strip", viewBox: `0 0 ${LEFT + WIDTH} ${height}`, role: "img", "aria-label": `Timeline of ${point.name}` });
    const scale = WIDTH / Math.max(1, data.details.stretches);
    for (const [at, label] of data.details.ticks) {
      const x = LEFT + at * scale;
      picture.append(svg("line", { x1: x, x2: x, y1: 0, y2: height - 14 }));
      picture.append(svg("text", { x: x + 3, y: height - 3 }, label));
    }
    lanes.forEach(([label, runs], place) => {
      const y = place * 22 + 2;
      picture.append(svg("text", { x: 0, y: y + 13 }, label));
      picture.append(svg("rect", { class: "back", x: LEFT, y, width: WIDTH, height: 18 }));
      let at = 0;
      for (const [word, count] of parts(runs)) {
        if (word >= 0) {
          const bar = { class: `s-${classes[word]}`, x: LEFT + at * scale, y, width: count * scale, height: 18 };
          picture.append(svg("rect", bar, svg("title", {}, words[word])));
        }
        at += count;
      }
    });
    return picture;
  };

  const legend = (point) => {
    const present = new Set();
    for (const [, runs] of point.strips || []) for (const [word] of parts(runs)) present.add(word);
    const items = [...present].filter((word) => word >= 0).sort((a, b) => a - b);
    return html("ul", { class: "legend" }, ...items.map((word) => html("li", {}, html("span", { class: `dot s-${classes[word]}` }), words[word])));
  };

  const energy = (point) => {
    const days = data.details.days;
    const most = Math.max(...point.energy.map(([, value]) => value), 1e-9);
    const picture = svg("svg", { class: "days", viewBox: `0 0 ${LEFT + WIDTH} 92`, role: "img", "aria-label": `Energy per day of ${point.name}` });
    const step = WIDTH / days.length;
    picture.append(svg("text", { x: 0, y: 12 }, `${most.toLocaleString("en")} kWh`), svg("text", { x: 0, y: 74 }, "0"));
    picture.append(svg("line", { x1: LEFT, x2: LEFT + WIDTH, y1: 74.5, y2: 74.5 }));
    for (const [day, value] of point.energy) {
      const height = (value / most) * 70;
      const bar = { x: LEFT + day * step + step * 0.1, y: 74 - height, width: Math.min(step * 0.8, 60), height };
      picture.append(svg("rect", bar, svg("title", {}, `${days[day]}: ${value.toLocaleString("en")} kWh`)));
    }
    const every = Math.ceil(days.length / 12);
    days.forEach((day, place) => {
      if (place % every === 0) picture.append(svg("text", { x: LEFT + place * step + step * 0.1, y: 89 }, day));
    });
    return picture;
  };

  const list = (title, heads, rows, count) => {
    const more = count > rows.length ? ` (the last ${rows.length.toLocaleString("en")} of ${count.toLocaleString("en")})` : "";
    const kind = (column, value) => (NUMBERS.has(heads[column]) ? { class: "number" } : value.length <= 40 ? { class: "time" } : {});
    const head = html("tr", {}, ...heads.map((word) => html("th", { scope: "col", ...(NUMBERS.has(word) && { class: "number" }) }, word)));
    const body = html("tbody");
    const draw = (wanted) => {
      const latest = rows.slice(-wanted).reverse();
      body.replaceChildren(...latest.map((row) => html("tr", {}, ...row.map((value, column) => html("td", kind(column, value), value)))));
    };
    draw(FEW);
    const parts = [html("h4", {}, title + more), html("div", { class: "scroll" }, html("table", {}, html("thead", {}, head), body))];
    if (rows.length > FEW) {
      const all = html("button", { type: "button", class: "all" }, `Show all ${rows.length.toLocaleString("en")}`);
      all.addEventListener("click", () => { draw(rows.length); all.remove(); });
      parts.push(all);
    }
    return parts;
  };

  const section = (place) => {
    const point = points[place];
    const one = html("article", { class: "one", id: `point-${place}` }, html("h3", {}, point.name));
    one.append(html("dl", { class: "facts" }, ...point.facts.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value)))));
    if (point.strips) {
      const step = data.details.step;
      one.append(html("h4", {}, `Status over time (of each ${step} what lasted longest)`), legend(point), strips(point));
    }
    if (point.energy) one.append(html("h4", {}, "Energy per day"), energy(point));
    const add = (title, heads, rows, count) => rows && one.append(...list(title, heads, rows, count || rows.length));
    add("Transactions", data.details.transactions, point.transactions, point.transaction_count);
    add("Faults", ["begin", "connector", "code", "lasted", "text", "stands at"], point.faults, point.fault_count);
    add("Firmware updates", ["begin", "outcome", "lasted", "version", "stands at"], point.updates);
    return one;
  };

  const chooser = document.querySelector(".choose");
  const which = document.getElementById("which");
  const many = document.getElementById("many");
  const shown = document.getElementById("shown");
  const show = (place, jump) => {
    if (!points.length) return;
    const first = Math.min(Math.max(place, 0), points.length - 1);
    const last = Math.min(first + Number(many.value), points.length);
    which.value = String(first);
    shown.replaceChildren(...Array.from({ length: last - first }, (_, number) => section(first + number)));
    chooser.querySelector(".back").disabled = first === 0;
    chooser.querySelector(".on").disabled = last === points.length;
    if (jump) document.getElementById("sections").scrollIntoView();
  };
  which.append(...points.map((point, place) => html("option", { value: place }, point.name)));
  which.addEventListener("change", () => show(Number(which.value)));
  many.addEventListener("change", () => show(Number(which.value)));
  chooser.querySelector(".back").addEventListener("click", () => show(Number(which.value) - Number(many.value)));
  chooser.querySelector(".on").addEventListener("click", () => show(Number(which.value) + Number(many.value)));
  const follow = () => {
    const found = /^#cp-(\d+)$/.exec(location.hash);
    if (found) show(Number(found[1]), true);
  };
  window.addEventListener("hashchange", follow);
  chooser.hidden = points.length < 2;
  show(0);
  follow();

  // --- light and dark ---------------------------------------------------------------------------------------
  const theme = document.getElementById("theme");
  const dark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    name();
  });
  theme.hidden = false;
  name();
})();
