/* Sliders beside number fields, and the keys of the workbench. Pages work without it. */
(function () {
  "use strict";

  /* ---- a slider and its field hold the same figure; the field is what is sent ---- */
  function start() {
    document.querySelectorAll("[data-slider-of]").forEach(function (slider) {
      var field = document.getElementById(slider.dataset.sliderOf);
      slider.hidden = false;
      slider.addEventListener("input", function () { field.value = slider.value; });
      field.addEventListener("input", function () {
        var typed = field.value.normalize("NFKC").replace(/,/g, "");
        if (/^\d+(\.\d+)?$/.test(typed)) { slider.value = typed; }
      });
    });
  }

  /* ---- J and K, or the arrows, lead to the next and the last hub; never while somebody types ---- */
  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) { return; }
    if (event.target.closest("input, select, textarea, [contenteditable], [role=region][tabindex]")) { return; }
    var way = { j: "next", ArrowRight: "next", k: "prev", ArrowLeft: "prev" }[event.key];
    var link = way && document.querySelector("[data-keys] a[rel=" + way + "]");
    if (link) { event.preventDefault(); link.click(); }
  });

  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", start); } else { start(); }
})();
