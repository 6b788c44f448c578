// What a user does with the page of a trace, and what he then sees.
"use strict";
const seen = {}, drawn = () => [...document.querySelectorAll("#view .row")];
// A browser tells of a scroll with its next frame, and under virtual time none may come while the page waits.
const scrolled = () => $("scroller").dispatchEvent(new Event("scroll"));
const set = (id, value) => { $(id).value = value; $(id).dispatchEvent(new Event("input", { bubbles: true })); };
const texts = () => drawn().map(row => row.textContent);
const drag = (from, to) => {
  const box = $("overview").getBoundingClientRect();
  for (const [kind, part] of [["pointerdown", from], ["pointermove", to], ["pointerup", to]]) {
    $("overview").dispatchEvent(new PointerEvent(kind, { clientX: box.left + part * box.width, clientY: box.top + 5, pointerId: 1 }));
  }
};
$("overview").setPointerCapture = () => {};
{
  seen.about = $("about").textContent;
  seen.drawn = drawn().length;
  seen.first = texts().slice(0, 3);
  seen.rows = rows.length;
  seen.latency = $("summary").textContent;
  seen.bars = document.querySelectorAll("#histogram rect").length;
  seen.content_begins = Math.max(...[...document.querySelectorAll("#heads text")].map(text => text.getBoundingClientRect().left));
  drawn()[2].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  seen.rows_unfolded = rows.length;
  $("fold").click();
  seen.rows_unfolded_all = rows.length;
  $("scroller").scrollTop = 1e9;
  scrolled();
  seen.last = texts().pop();
  seen.drawn_at_the_end = drawn().length;
  set("text", "MESSAGE 9998 of <b>");
  seen.found = texts();
  drawn()[0].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  seen.detail = $("detail").textContent;
  set("text", "nothing like this");
  seen.nothing = $("view").textContent;
  set("text", "");
  set("direction", "1");
  seen.received = $("count").textContent;
  set("direction", "");
  drag(0.5, 0.25);
  seen.zoomed = shown.length;
  seen.zoomed_button = !$("whole").hidden;
  $("whole").click();
  seen.whole = shown.length;
  drag(0.97, 0.97);
  seen.gone_to = rows[Math.ceil($("scroller").scrollTop / ROW)];
  seen.resources = performance.getEntriesByType("resource").length;
  seen.errors = errors;
  document.body.innerHTML = "<pre id='result'></pre>";
  $("result").textContent = JSON.stringify(seen);
}
