// Runs before the page is drawn, so that a chosen theme doesn't flash. Without a choice, the system's holds.
(() => {
  "use strict";
  try {
    const chosen = localStorage.getItem("rulescope-theme");
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
  } catch {
    // A page from a disk, or a browser that keeps nothing: the theme then holds for this page alone.
  }
})();
