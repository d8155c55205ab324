// The guard: reads what the page shows, asks the proxy, and hides what it is told to. It holds no rules.
// It only ever writes text into text nodes, and marks of its own on elements; the child's own typing is not looked at.
(settings => {
  "use strict";
  const fetch = window.fetch.bind(window), open = window.open.bind(window), later = window.setTimeout.bind(window);
  const { parse, stringify } = JSON;
  const MARK = settings.mark, HIDDEN = `${MARK}-hidden`, CLICK = `${MARK}-click`;
  const NOT_READ = "script,style,noscript,template,textarea,[contenteditable]:not([contenteditable=false])";
  const INLINE = new Set(("a abbr b bdi bdo big cite code data del dfn em font i img ins kbd mark q rp rt ruby s samp small span strike " +
    "strong sub sup tt u var wbr").split(" "));
  const LABELS = ["title", "alt", "aria-label"], MARKED = `[title],[alt]:not([alt=""]),[aria-label],iframe,${settings.outer}`;
  const LETTER = /\p{L}/u, WORDS = /\p{L}\s*\p{L}/u;
  const MOST_UNITS = 100, MOST_LETTERS = 150000, MOST_IN_UNIT = 60, MOST_KNOWN = 5000, MOST_FLYING = 2, PATIENCE = 10000, GAP = 200, LAZY = 500;
  const EVERYTHING = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: LABELS };
  const TEXT = 3, ELEMENT = 1, COMMENT = 8, FRAGMENT = 11;

  const known = new Map();        // what a unit says -> what the proxy said of it
  const asked = new Map();        // what a unit says -> the units that wait for the answer
  const fine = new Set();         // labels with nothing in them: buttons say the same all over
  const latest = new WeakMap();   // root of a unit -> the unit as last read
  const written = new WeakMap();  // text node, or element for its labels -> what we put there
  const near = new WeakSet();     // units that a reader may see
  const far = new WeakSet();      // those that wait until one may
  const ahead = new WeakSet();    // those that are some way off yet
  const loose = new WeakSet();    // roots too large for one unit: their lines are judged by themselves
  const clicks = new WeakMap();   // element -> what a click on it shows
  const sheets = [], queue = [], frames = new WeakSet();
  let dirty = new Set(), flying = 0, tries = 0, last = -1000, timer = null, hurry = false, paused = false, failing = false, broken = false, missed = 0;

  // ---- which texts belong together

  const OTHERS = `${settings.outer},${NOT_READ}`;
  const UNIT = settings.own ? `${settings.outer},${settings.own}` : settings.outer;

  const rootOf = (node, block) => {
    if (node.nodeType !== ELEMENT) return block;
    const root = node.closest(settings.outer) || (settings.own && node.closest(settings.own));
    return root && !loose.has(root) ? root : block;
  };

  const isUnit = root => root.nodeType === ELEMENT && !loose.has(root) && root.matches(UNIT);

  const isFar = root => root !== null && far.has(root);

  const blockOf = node => {
    while (INLINE.has(node.localName) && node.parentNode) node = node.parentNode;
    return node;
  };

  const roleOf = node => {
    if (node.nodeType === ELEMENT) for (const [role, selector] of settings.roles) if (node.closest(selector)) return role;
    return "post";
  };

  const texts = (top, take) => {
    const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) take(walker.currentNode);
  };

  const soil = node => {
    const parent = node.parentNode;
    if (!parent || written.get(node) === node.data || !LETTER.test(node.data)) return;
    dirty.add(rootOf(parent, blockOf(parent)));
  };

  // Something new in the page. What is in a unit that nobody can see yet is looked at when it comes near.
  const scan = node => {
    if (node.nodeType === TEXT) return soil(node);
    if (!node.querySelectorAll) return;
    if (document.readyState === "loading") hosts(node);
    const root = node.nodeType === ELEMENT && node.closest(settings.outer);
    if (root && !loose.has(root)) {
      if (isFar(root)) return;
      dirty.add(root);
      if (!near.has(root)) return;
    }
    if (node.nodeType === ELEMENT) meet(node);
    within(node);
    if (!root || loose.has(root)) outside(node);
  };

  // What else than texts is in a node.
  const within = node => {
    const marked = node.querySelectorAll(MARKED);
    let off = null;
    for (let i = 0; i < marked.length; i++) {
      const element = marked[i];
      if (off && off.contains(element)) continue;
      if (!loose.has(element) && element.matches(settings.outer)) {
        dirty.add(element);
        if (!near.has(element)) { off = element; continue; }
      }
      meet(element);
    }
  };

  const meet = element => {
    if (element.localName === "iframe") frame(element);
    const title = element.getAttribute("title"), alt = element.getAttribute("alt"), aria = element.getAttribute("aria-label");
    if (title) label(element, "title", title);
    if (alt) label(element, "alt", alt);
    if (aria) label(element, "aria-label", aria);
  };

  // The texts of a node that are in no unit found just now.
  const outside = top => {
    let node = top;
    for (;;) {
      if (node.nodeType === TEXT) soil(node);
      const down = dirty.has(node) ? null : node.firstChild;
      if (down) { node = down; continue; }
      while (node !== top && !node.nextSibling) node = node.parentNode;
      if (node === top) return;
      node = node.nextSibling;
    }
  };

  // Units wait, hidden, until a reader comes near them: in a long feed most never are read.
  const lookout = new IntersectionObserver(entries => safely(() => {
    for (const { isIntersecting, boundingClientRect: { width, height, top, bottom }, target } of entries) {
      if (!isIntersecting && (width || height)) continue; // without a box of its own nobody could tell when it is seen
      if (isIntersecting && (bottom < 0 || top > innerHeight)) ahead.add(target);
      lookout.unobserve(target);
      far.delete(target);
      near.add(target);
      dirty.add(target);
      meet(target);
      within(target);
      if (!isUnit(target)) texts(target, soil); // it has become something else
    }
    settle();
  }), { rootMargin: "100%", scrollMargin: "100%" });

  // The shadow trees that the parser made; those that scripts make tell of themselves (below).
  const hosts = top => {
    if (top.shadowRoot) watch(top.shadowRoot);
    for (const one of top.querySelectorAll("*")) if (one.shadowRoot) watch(one.shadowRoot);
  };

  // Frames that came from no address have no guard of their own.
  const frame = element => {
    const look = () => {
      const inner = element.contentDocument;
      if (inner && /^(about|blob):/.test(inner.URL)) watch(inner);
    };
    if (!frames.has(element)) {
      frames.add(element);
      element.addEventListener("load", look);
    }
    look();
  };

  // The texts of a unit by lines. null: nothing to judge.
  const read = root => {
    const whole = isUnit(root);
    const simple = whole && !root.querySelector(OTHERS) && !root.closest(NOT_READ);
    const small = whole && INLINE.has(root.localName);
    const lines = [];
    let kept = false, line = null, of = null;
    const take = node => {
      const parent = node.parentNode;
      if (parent !== of) {
        of = parent;
        line = null;
        if (parent.localName === "time") return; // it ticks, and nobody writes it
        const block = blockOf(parent);
        if (!simple) {
          if ((whole ? rootOf(parent, block) : block) !== root) return;
          if (parent.nodeType === ELEMENT && parent.closest(NOT_READ)) return;
        }
        const key = small ? root : block;
        for (let i = lines.length; !line && i--;) if (lines[i].block === key) line = lines[i];
        if (!line) lines.push(line = { block: key, parent, nodes: [], text: "", role: "" });
      }
      if (!line) return;
      const said = node.data;
      if (written.get(node) === said) { kept = true; return; }
      line.nodes.push(node);
      line.text += said;
    };
    if (whole) texts(root, take);
    else inline(root, take);
    const parts = [];
    for (const one of lines) {
      if (!WORDS.test(one.text)) continue;
      one.role = roleOf(one.parent);
      parts.push(one);
    }
    const letters = parts.reduce((sum, p) => sum + p.text.length, 0);
    if (whole && parts.length > 1 && (parts.length > MOST_IN_UNIT || letters > settings.most)) {
      loose.add(root);
      root.removeAttribute(MARK);
      texts(root, soil);
      return null;
    }
    if (!kept && root.nodeType === ELEMENT && root.hasAttribute(HIDDEN)) root.removeAttribute(HIDDEN);
    return parts.length ? { root, parts, veiled: whole, key: parts.map(p => `${p.role} ${p.text}`).join("\u0001") } : null;
  };

  // The texts of one block without the blocks in it.
  const inline = (block, take) => {
    for (let child = block.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === TEXT) take(child);
      else if (INLINE.has(child.localName)) inline(child, take);
    }
  };

  // ---- judging

  const settle = () => {
    while (dirty.size) {
      const roots = dirty;
      dirty = new Set();
      for (const root of roots) {
        if (!root.isConnected) continue;
        if (isFar(root)) continue;
        if (!near.has(root) && isUnit(root)) {
          far.add(root);
          veil(root);
          lookout.observe(root);
          continue;
        }
        const unit = read(root);
        if (unit) judge(root, unit);
        else {
          latest.delete(root);
          unveil(root);
        }
      }
    }
    pump();
  };

  const judge = (root, unit) => {
    latest.set(root, unit);
    const long = unit.parts.filter(p => p.text.length > settings.most);
    if (long.length) {
      missed += long.length;
      for (const part of long) hide(unit, part, settings.unchecked, "");
      dirty.add(root); // for the rest of it
      return;
    }
    const answer = known.get(unit.key);
    if (answer) return finish(unit, answer);
    if (unit.veiled) veil(root);
    if (!unit.veiled || !ahead.delete(root)) hurry = true;
    const others = asked.get(unit.key);
    if (others) others.push(unit);
    else {
      asked.set(unit.key, [unit]);
      queue.push(unit);
    }
  };

  const veil = root => {
    if (!root.hasAttribute(MARK)) root.setAttribute(MARK, "");
  };

  const unveil = root => {
    if (root.nodeType === ELEMENT && root.hasAttribute(MARK)) root.removeAttribute(MARK);
  };

  const finish = (unit, answer) => {
    if (unit.element) return relabel(unit, answer);
    if (latest.get(unit.root) !== unit) return; // it says something else by now
    for (const [number, hides, said, code, asks] of answer) {
      const part = unit.parts[number];
      if (hides) hide(unit, part, said, code, asks);
      else if (part.nodes[0]) put(part.nodes[0], said + part.nodes[0].data);
    }
    unveil(unit.root);
  };

  const put = (node, text) => {
    written.set(node, text);
    node.data = text;
  };

  const hide = (unit, part, said, code, asks) => {
    const [first, ...rest] = part.nodes;
    put(first, said);
    for (const node of rest) put(node, "");
    part.text = "";
    const element = unit.root.nodeType === ELEMENT ? unit.root : unit.root.host;
    if (element && element !== document.body) element.setAttribute(HIDDEN, "");
    if (code && first.parentElement) {
      first.parentElement.setAttribute(CLICK, "");
      clicks.set(first.parentElement, { node: first, said, code, element, asks });
    }
  };

  const label = (element, name, text) => {
    if (!text || fine.has(text) || !WORDS.test(text) || (written.get(element) || {})[name] === text || text.length > settings.most) return;
    const role = name === "alt" ? "alt" : "post", key = `${role} ${text}`;
    const unit = { element, name, parts: [{ role, text }], key };
    const answer = known.get(key), others = asked.get(key);
    if (answer) relabel(unit, answer);
    else if (others) others.push(unit);
    else {
      asked.set(key, [unit]);
      queue.push(unit);
    }
  };

  const relabel = ({ element, name, parts }, answer) => {
    if (!answer.length) {
      fine.add(parts[0].text);
      if (fine.size > MOST_KNOWN) fine.clear();
      return;
    }
    if (element.getAttribute(name) !== parts[0].text) return;
    const [, hides, said] = answer[0];
    const text = hides ? said : said + parts[0].text;
    written.set(element, { ...written.get(element), [name]: text });
    element.setAttribute(name, text);
  };

  // ---- asking

  const ask = async question => {
    const page = location.href.slice(0, 2000), lang = document.documentElement ? document.documentElement.lang : "";
    const answer = await fetch(settings.ask, {
      method: "POST", mode: "same-origin", credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer",
      headers: { "content-type": "application/json" }, body: stringify({ page, lang, ...question }), signal: AbortSignal.timeout(PATIENCE),
    });
    if (!answer.ok) throw new Error("no answer");
    return parse(await answer.text());
  };

  // The first ask goes at once, more within a moment go together: asking costs a page more than reading.
  const pump = () => {
    if (!queue.length) return;
    const rest = last + (hurry ? GAP : LAZY) - performance.now();
    if (rest > 0) {
      if (timer && timer.hurry >= hurry) return;
      const mine = timer = { hurry };
      later(() => { if (timer === mine) { timer = null; pump(); } }, rest);
      return;
    }
    hurry = false;
    timer = null;
    while (!paused && flying < MOST_FLYING && queue.length) {
      last = performance.now();
      let letters = 0, count = 0;
      while (count < queue.length && count < MOST_UNITS && letters < MOST_LETTERS) letters += queue[count++].key.length;
      send(queue.splice(0, count));
    }
  };

  const send = async batch => {
    flying++;
    try {
      dress(document); // a page that sets sheets of its own drops ours
      const told = missed;
      const { units } = await ask({ units: batch.map(u => u.parts.map(p => [p.role, p.text])), missed: told });
      if (units.length !== batch.length) throw new Error("no answer");
      missed -= told;
      tries = 0;
      fails(false);
      batch.forEach((unit, number) => learn(unit.key, units[number]));
      settle();
    } catch {
      missed += batch.length;
      fails(true);
      queue.unshift(...batch);
      paused = true;
      later(() => { paused = false; pump(); }, Math.min(30000, 1000 * 2 ** Math.min(tries++, 5)));
    } finally {
      flying--;
      pump();
    }
  };

  const learn = (key, answer) => {
    known.set(key, answer);
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value);
    const units = asked.get(key) || [];
    asked.delete(key);
    for (const unit of units) finish(unit, answer);
  };

  // ---- showing

  const style = () => {
    let css = `[${MARK}],[${MARK}] *{visibility:hidden!important}[${CLICK}]{cursor:pointer!important}` +
      ["img", "video", "canvas", "image", "[style*='url(']"].map(s => `[${HIDDEN}] ${s}`).join() + "{filter:blur(30px)!important}";
    const notice = `{content:${stringify(settings.unchecked)};visibility:visible!important}`;
    if (failing) css += `[${MARK}]::before${notice}`;
    if (broken && settings.own) css += `:is(${settings.own}){visibility:hidden!important}:is(${settings.own})::before${notice}`;
    return css;
  };

  const fails = now => {
    if (failing === now) return;
    failing = now;
    for (const sheet of sheets) sheet.replaceSync(style());
  };

  const dress = top => {
    const page = top.ownerDocument || top;
    let sheet = sheets.find(s => s.page === page);
    if (!sheet) {
      sheet = new page.defaultView.CSSStyleSheet();
      sheet.page = page;
      sheet.replaceSync(style());
      sheets.push(sheet);
    }
    if (!top.adoptedStyleSheets.includes(sheet)) top.adoptedStyleSheets = [...top.adoptedStyleSheets, sheet];
  };

  const reveal = async event => {
    if (!event.isTrusted) return;
    const element = event.composedPath().find(e => clicks.has(e));
    const wanted = element && clicks.get(element);
    if (!wanted || wanted.node.data !== wanted.said) return;
    event.preventDefault();
    event.stopPropagation();
    if (wanted.asks) return void open(`${settings.check}?code=${encodeURIComponent(wanted.code)}`, "_blank", "noopener");
    const { text } = await ask({ reveal: wanted.code });
    if (text === null || wanted.node.data !== wanted.said) return;
    put(wanted.node, text);
    clicks.delete(element);
    element.removeAttribute(CLICK);
    if (wanted.element) wanted.element.removeAttribute(HIDDEN);
  };

  // ---- watching

  const safely = work => {
    try {
      work();
    } catch (error) {
      if (!broken) {
        broken = true;
        for (const sheet of sheets) sheet.replaceSync(style());
      }
      throw error;
    }
  };

  const observer = new MutationObserver(records => safely(() => {
    let last = null, off = false;
    for (const record of records) {
      const { type, target } = record;
      if (type === "childList") {
        if (target !== last) {
          last = target;
          off = target.nodeType === ELEMENT && isFar(target.closest(settings.outer));
        }
        if (off) continue;
        const nodes = record.addedNodes;
        for (let i = 0; i < nodes.length; i++) {
          const node = nodes[i];
          if (node.nodeType !== COMMENT && node.isConnected) scan(node);
        }
      }
      else if (type === "characterData") { if (target.isConnected) scan(target); }
      else label(target, record.attributeName, target.getAttribute(record.attributeName));
    }
    settle();
  }));

  const seen = new WeakSet();
  const watch = top => {
    dress(top);
    if (seen.has(top)) return;
    seen.add(top);
    observer.observe(top, EVERYTHING);
    if (top.nodeType !== FRAGMENT) top.addEventListener("click", event => { reveal(event).catch(() => {}); }, true);
    if (top.firstChild) scan(top);
  };

  // A shadow tree tells nobody that it is there.
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(init) {
    const made = Reflect.apply(attach, this, [init]);
    safely(() => watch(made));
    return made;
  };

  for (const kind of [Element, ShadowRoot]) {
    const set = kind.prototype.setHTMLUnsafe;
    if (set) kind.prototype.setHTMLUnsafe = function setHTMLUnsafe(...given) {
      Reflect.apply(set, this, given);
      safely(() => { hosts(this); settle(); });
    };
  }

  safely(() => { watch(document); settle(); });
})(/*settings*/null);
