// Optional: keys for whoever works here all day, and the numbers of what waits, kept up to date. Every page works whole without it.
(function () {
  'use strict';
  var list = document.getElementById('key-list');
  if (!list) return;
  var before = null;

  function writes(place) {
    return /^(INPUT|TEXTAREA|SELECT)$/.test(place.tagName) || place.isContentEditable;
  }

  // The list of keys comes and goes; what had the focus has it again.
  function show(is) {
    if (list.hidden !== is) return;
    if (is) before = document.activeElement;
    list.hidden = !is;
    if (is) list.focus();
    else if (before && before.focus) before.focus();
  }

  // From card to card: the link that opens it.
  function step(by) {
    var cards = [].slice.call(document.querySelectorAll('.queue .card'));
    var at = cards.findIndex(function (card) { return card.contains(document.activeElement); });
    var next = cards[at < 0 ? (by > 0 ? 0 : cards.length - 1) : at + by];
    var link = next && next.querySelector('a.read, a.button');
    if (link) { link.focus(); link.scrollIntoView({ block: 'nearest' }); }
  }

  // Words that are not saved: nothing leads away from them at one touch of a key.
  function isWriting() {
    return [].some.call(document.querySelectorAll('#work textarea'), function (text) {
      return text.value.trim() !== '' && text.value !== text.defaultValue;
    });
  }

  // A button gets the focus, so that Enter and not a slip of the finger acts; a link is followed.
  function act(key) {
    var card = document.activeElement.closest && document.activeElement.closest('.card');
    var within = card || document.querySelector('main');
    var place = within.querySelector('[data-key="' + key + '"]');
    if (!place || (!card && place.closest('.queue'))) return false;
    if (place.tagName !== 'A') place.focus();
    else if (!isWriting()) place.click();
    return true;
  }

  // By the place of the key where the layout has letters of another script on it.
  function letter(event) {
    if (/^[a-z?]$/i.test(event.key)) return event.key.toLowerCase();
    return /^Key[A-Z]$/.test(event.code) ? event.code.charAt(3).toLowerCase() : '';
  }

  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
    if (event.key === 'Escape') { show(false); return; }
    if (writes(event.target)) return;
    var key = letter(event);
    if (key === '?') show(list.hidden);
    else if (key === 'j') step(1);
    else if (key === 'k') step(-1);
    else if (key === 'o' && document.activeElement.href) document.activeElement.click();
    else if (!key || !act(key)) return;
    event.preventDefault();
  });

  // The numbers alone: what somebody reads or writes stays as it is. Nobody need be there, so that it keeps no session alive.
  var plain = document.title.replace(/^\([^)]*\) /, '');
  var place = document.querySelector('.staff-head .count');
  function count() {
    if (document.hidden) return;
    fetch('/queue/counts?unattended=yes', { credentials: 'same-origin', redirect: 'error' })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (counts) {
        if (!counts) return;
        document.title = counts.title + plain;
        if (place) place.textContent = counts.line;
      })
      .catch(function () {});
  }
  if (window.fetch) setInterval(count, 60000);
})();
