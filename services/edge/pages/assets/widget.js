// Shows our status on another's page, in a frame at the place of the script:
//   <script src="https://status.example/assets/widget.js" async></script>
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script) return;
  const frame = document.createElement("iframe");
  frame.src = new URL("/widget", script.src).href;
  frame.title = script.dataset.title || "Service status";
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups");
  frame.width = "100%";
  frame.height = script.dataset.height || "160";
  frame.style.border = "0";
  script.after(frame);
})();
