// What pages do beyond HTML: the theme, the search key, folded targets, and filters over long lists.
(() => {
  "use strict";
  const root = document.documentElement;

  const toggle = document.querySelector("button.theme");
  if (toggle) {
    const prefersDark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
    const tell = () => toggle.setAttribute("aria-pressed", String(isDark()));
    toggle.hidden = false;
    tell();
    prefersDark.addEventListener("change", tell);
    toggle.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("rulescope-theme", root.dataset.theme);
      } catch {
        // Nothing is kept; the page still changes.
      }
      tell();
    });
  }

  const box = document.getElementById("search-box");
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });

  // A target inside something folded is unfolded, also where the browser doesn't do so itself.
  const reveal = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const target = name && document.getElementById(name);
    if (!target) return;
    let folded = false;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      if (!fold.open) folded = fold.open = true;
    }
    if (folded) target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Long lists get a filter over their rows.
  for (const list of document.querySelectorAll("[data-filter]")) {
    if (list.children.length < 25) continue;
    const label = document.createElement("label");
    label.className = "filter";
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = `Filter these ${list.children.length.toLocaleString("en")}`;
    input.setAttribute("aria-label", "Filter this list");
    label.append(input);
    const anchor = list.closest("table") ?? list;
    anchor.before(label);
    const rows = Array.from(list.children, (row) => [row, null]);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        row[1] ??= row[0].textContent.toLowerCase();
        row[0].hidden = !words.every((word) => row[1].includes(word));
      }
    });
  }
})();
