// Optional: without it the bar is a plain link. Covers the page white at once, then goes, and leaves no way back by the
// Back button. Shift three times within five seconds does the same.
(function () {
  'use strict';
  var bar = document.getElementById('leave');
  if (!bar) return;
  var presses = [];

  function leave(event) {
    if (event) event.preventDefault();
    document.documentElement.className = 'gone';
    document.title = '\u200b';
    // One frame, so that the white is on the screen before a slow line is asked for anything.
    var go = function () { window.location.replace(bar.href); };
    if (window.requestAnimationFrame) window.requestAnimationFrame(function () { setTimeout(go, 0); });
    else go();
  }

  bar.addEventListener('click', leave);
  document.addEventListener('keyup', function (event) {
    if (event.key !== 'Shift') { presses = []; return; }
    var now = Date.now();
    presses = presses.filter(function (time) { return now - time < 5000; });
    presses.push(now);
    if (presses.length >= 3) leave();
  });
  // A page brought back from the browser's memory after leaving stays white.
  window.addEventListener('pageshow', function (event) {
    if (event.persisted && document.documentElement.className === 'gone') window.location.replace(bar.href);
  });
})();
