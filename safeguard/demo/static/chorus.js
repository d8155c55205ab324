// The sample network's page: shows what stands in the page's state, what is fetched later, and what comes live.
// It knows nothing of SafeGuard but one thing for the looks: a text that begins as a notice does is drawn as one.
"use strict";
const chorus = { received: [], missing: 1, failed: [], ready: false };
window.chorus = chorus;
const lang = document.documentElement.lang;

function make(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}

function tidy() {
  for (const node of document.querySelectorAll("[data-id]"))
    node.classList.toggle("hidden-note", /^\s*\[.*SafeGuard/.test(node.textContent));
}

function done(count = 1) {
  chorus.missing -= count;
  tidy();
  if (chorus.missing <= 0) chorus.ready = true;
}

function later() {
  chorus.missing += 1;
}

function fail(what) {
  chorus.failed.push(what);
  done();
}

function face(author) {
  let sum = 0;
  for (const letter of author) sum += letter.codePointAt(0);
  return make("span", "face c" + (sum % 8), author.slice(0, 1));
}

function post(item) {
  const card = make("article", "card");
  const head = card.appendChild(make("div", "head"));
  head.append(face(item.author), make("span", "who", item.author));
  const say = card.appendChild(make("p", "say", item.text));
  say.dataset.id = item.id;
  return card;
}

function line(item) {
  const row = make("li");
  row.append(make("b", "", item.author));
  const say = row.appendChild(make("p", "say"));
  if (item.html !== undefined) say.innerHTML = item.html;
  else say.textContent = item.text;
  say.dataset.id = item.id;
  return row;
}

async function fetched(path, place, draw) {
  later();
  try {
    const answer = await fetch(path);
    const raw = await answer.text();
    chorus.received.push(raw);
    for (const item of JSON.parse(raw.replace(/^for \(;;\);/, "")).items) place.append(draw(item));
    done();
  } catch (error) {
    fail(path + ": " + error);
  }
}

// One stream: its first message says how many more come. A stream that never says so counts as missing.
function listener(place) {
  later();
  let left = null;
  return (raw) => {
    chorus.received.push(raw);
    const item = JSON.parse(raw);
    if (item.type === "hello") left = item.total;
    else place.append(line(item));
    if (left !== null && place.children.length >= left) {
      left = null;
      done();
    }
  };
}

const state = document.getElementById("state");
if (state) for (const item of JSON.parse(state.textContent).items) document.getElementById("feed").append(post(item));

const places = [["feed-more", "posts", post], ["replies-more", "comments", line], ["thread", "messages", line]];
for (const [id, name, draw] of places) {
  const place = document.getElementById(id);
  if (place) fetched(`/api/${lang}/${name}`, place, draw);
}

const live = document.getElementById("live");
if (live) {
  const heard = listener(live);
  const socket = new WebSocket(`wss://${location.host}/live/${lang}`);
  socket.onmessage = (message) => heard(message.data);
  socket.onerror = () => fail("WebSocket");
}

const notes = document.getElementById("notes");
if (notes) {
  const heard = listener(notes);
  const source = new EventSource(`/notes/${lang}`);
  source.onmessage = (message) => heard(message.data);
  source.onerror = () => { source.close(); fail("server-sent events"); };
}

done();
