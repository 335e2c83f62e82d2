// The check of a bill in the browser: gathers the three files and keys, runs the second verifier, and says the verdict in the page's words.
// Nothing is sent anywhere: files of one's own are read here and stay here.

const FILE_MAX = 20 * 1024 * 1024;
const panel = document.querySelector('[data-check]');
const words = JSON.parse(panel.querySelector('[data-check-words]').textContent);
const out = panel.querySelector('[data-verdict]');
const own = {};
const usualNames = { bill: 'bill.json', proof: 'bill.tlog-proof', evidence: 'bill.evidence.json' };

const said = (key, ...values) => (words[key] ?? key).replace(/\{(\d)\}/g, (_, n) => values[n] ?? '');

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const lines = (selector) => panel.querySelector(selector).value.split('\n').map((line) => line.trim()).filter(Boolean);

async function fetched(name) {
  const response = await fetch(panel.dataset.files + name, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function run() {
  clear();
  out.replaceChildren(element('p', { class: 'running' }, said('running')));
  const isOwn = own.bill || own.proof || own.evidence;
  try {
    const { verifyBill } = await import('/verifier/praman-verifier.mjs');
    const theirs = panel.dataset.hasFiles === 'true';
    const bill = own.bill ?? (theirs ? await fetched('bill.json') : null);
    if (!bill) return show({ verdict: 'UNREADABLE', reason: said('needBill'), isInWords: true });
    const proof = own.proof ?? (theirs ? await fetched('bill.tlog-proof') : null);
    const evidence = own.evidence ?? (theirs ? await fetched('bill.evidence.json') : null);
    const keys = [...lines('[data-log-key]'), ...lines('[data-witness-keys]')];
    let verdict;
    try {
      verdict = await verifyBill({ bill, proof, evidence, keys, witnesses: 1 });
    } catch (error) {
      verdict = { verdict: error.isOfKey ? 'BAD_KEY' : 'UNREADABLE', reason: error.textFor?.(ownPaths()) ?? error.message };
    }
    return show(verdict, isOwn ? Object.values(own.names).join(', ') : null);
  } catch (error) {
    return show({ verdict: 'FAILED', reason: error.message });
  }
}

/** Text of the verifier in the page's words; null where it has none, and is shown as it was said. */
function inWords(text, forms) {
  for (const [form, word] of forms) {
    const found = form.exec(text);
    if (found) return word(...found.slice(1));
  }
  return null;
}

const day = (iso) => new Date(`${iso}T00:00:00Z`).toLocaleDateString(document.documentElement.lang, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const money = (amount, currency) => Number(amount).toLocaleString(document.documentElement.lang, { style: 'currency', currency });

const missingForms = [
  [/^log key$/, () => said('missing.logKey')],
  [/^witness key$/, () => said('missing.witnessKey')],
  [/^(\d+) witness cosignatures?$/, (count) => said('missing.cosignatures', count)],
  [/^salt$/, () => said('missing.salt')],
  [/^inputs$/, () => said('missing.inputs')],
  [/^erased salts$/, () => said('missing.erased')],
  [/^Ed25519 in this browser$/, () => said('missing.ed25519')],
  [/^series (.+)$/, (series) => said('missing.series', series)],
  [/^(bill\.tlog-proof|bill\.evidence\.json)$/, (file) => file],
];

const edited = (intervals, registers) => intervals === undefined ? '' : said('detail.edited', intervals, registers);

const detailForms = [
  [/^entry (\d+) of (\d+)$/, (index, size) => said('detail.entry', index, size)],
  [/^log (.+), (\d+) of (\d+) witness(?:es)?$/, (log, there, asked) => said('detail.witnessesOf', log, there, asked)],
  [/^log (.+), (\d+) witness(?:es)?$/, (log, there) => said('detail.witnesses', log, there)],
  [/^(\d+) days?, (\d+) intervals?, (\d+) meters?, (-?\d+) Wh(?:; entered or accepted by a person: (\d+) intervals?, (\d+) registers?)?$/,
    (days, intervals, meters, wh, ...byPersons) => said('detail.readings', days, intervals, meters, wh) + edited(...byPersons)],
  [/^(\d+) days?, (\d+) intervals?, no register, (-?\d+) Wh(?:; entered or accepted by a person: (\d+) intervals?, (\d+) registers?)?$/,
    (days, intervals, wh, ...byPersons) => said('detail.noRegister', days, intervals, wh) + edited(...byPersons)],
  [/^(\S+) with (\S+(?:, \S+)*)$/, (tariff, series) => said('detail.tariffWith', tariff, series)],
  [/^(\d+) lines?, total ([A-Z]{3}) (-?[\d.]+)$/, (lines, currency, total) => said('detail.amounts', lines, money(total, currency))],
  [/^the lines sum to the total; nothing to recompute them from$/, () => said('detail.short')],
  [/^parts, lines and total add up; nothing to recompute them from$/, () => said('detail.sums')],
  [/^not checked: something is missing$/, () => said('detail.notChecked')],
  [/^not checked: the salts were erased on ([\d-]{10})$/, (erased) => said('detail.erased', day(erased))],
  [/^not proven: the salts were erased on ([\d-]{10}); (.+)$/, (erased, rest) => said('detail.erasedBut', day(erased), inWords(rest, detailForms) ?? rest)],
  [/^missing: (.+)$/, (what) => said('detail.missing', inWords(what, missingForms) ?? what)],
  [/^(.+): computed (.*), found (.*)$/, (line, ours, theirs) => said('detail.differs', line, ours, theirs)],
];

/** An element with text of the verifier; what has no words here is English, and says so to a reader. */
function told(name, text, forms) {
  const words = inWords(text, forms);
  return element(name, words === null && /[A-Za-z]{2} /.test(text) ? { lang: 'en' } : {}, words ?? text);
}

function clear() {
  for (const marked of document.querySelectorAll('.is-different')) marked.classList.remove('is-different');
}

function show(verdict, ownNames = null) {
  // A bill whose salts were erased is not one of which something got lost: it can never be proved again from these files.
  const kind = verdict.verdict === 'UNPROVEN' && verdict.missing.includes('erased salts') ? 'ERASED' : verdict.verdict;
  // What was not checked has a colour of its own: amber says that what was there fits, red that something was computed and differs.
  const colour = { VALID: 'green', VALID_WITH_ESTIMATES: 'amber', UNPROVEN: 'amber', DIFFERENT: 'red' }[kind] ?? 'unchecked';
  const mark = { green: 'M4.5 12.5l5 5L19.5 7', amber: 'M12 5v9M12 18.4v.4', red: 'M6 6l12 12M18 6L6 18', unchecked: 'M8.5 9.5a3.5 3.5 0 1 1 5 3.1c-1 .6-1.5 1.1-1.5 2.2M12 18.6v.2' }[colour];
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', mark);
  svg.append(path);
  const estimated = verdict.estimated ?? { intervals: 0, wh: 0 };
  const edited = verdict.edited ?? { intervals: 0, registers: 0 };
  const kwh = (estimated.wh / 1000).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 3 });
  out.replaceChildren(
    element('div', { class: `result ${colour}` }, svg, element('div', {},
      element('p', { class: 'result-head' }, said(kind)),
      element('p', {}, said(`${kind}.why`, estimated.intervals, kwh, edited.intervals, edited.registers)),
      verdict.reason ? element('p', { class: 'reason', lang: verdict.isInWords ? null : 'en' }, verdict.reason) : null,
      ownNames ? element('p', {}, said('own', ownNames)) : null)),
    kind === 'DIFFERENT' ? place(verdict) : '',
    verdict.missing?.length ? element('div', {}, element('h3', {}, said('missing')), element('ul', {}, ...verdict.missing.map((one) => told('li', one, missingForms)))) : '',
    verdict.checks?.length ? steps(verdict) : '');
  out.scrollIntoView({ block: 'nearest' });
}

/** A value of a difference as people read it: paise as an amount. */
function shown(verdict, value) {
  return /^[A-Z]{3}$/.test(verdict.unit ?? '') && /^-?\d{1,15}$/.test(value)
    ? money(Number(value) / 100, verdict.unit) : value ?? '';
}

function steps(verdict) {
  const found = (ours, theirs) => `${verdict.line}: computed ${ours}, found ${theirs}`;
  const rows = verdict.checks.map((one) => {
    const detail = one.detail === found(verdict.ours, verdict.theirs) ? found(shown(verdict, verdict.ours), shown(verdict, verdict.theirs)) : String(one.detail ?? '');
    const state = one.ok === true ? 'ok' : one.ok === false ? 'no' : 'open';
    return element('li', { class: `step ${state}` },
      element('span', { class: 'step-state' }, said(state)),
      element('span', {}, said(`step.${one.name}`), ' ', told('small', detail, detailForms)));
  });
  return element('div', {}, element('h3', {}, said('steps')), element('ol', { class: 'steps-done' }, ...rows));
}

function place(verdict) {
  const at = placeOf(verdict.line);
  const target = at.id === null ? null : [...document.querySelectorAll('[data-line]')].find((one) => one.dataset.line === at.id);
  if (target) {
    target.classList.add('is-different');
    const line = target.closest('details.line');
    if (line) {
      line.open = true;
      line.classList.add('is-different');
    }
  }
  // Of what was hashed there is no value to set beside what was found.
  const isHashed = ['the block that was logged', 'the octets that were logged'].includes(verdict.ours);
  return element('div', { class: 'place' },
    element('h3', {}, said('place')),
    element('p', {}, at.text),
    isHashed ? element('p', {}, said('notLogged')) : element('dl', {},
      element('div', {}, element('dt', {}, said('computed')), element('dd', {}, shown(verdict, verdict.ours))),
      element('div', {}, element('dt', {}, said('found')), element('dd', {}, shown(verdict, verdict.theirs)))));
}

/** The place of a difference in words, and the part of the page that shows it. */
function placeOf(line) {
  const simple = ['commitment', 'inclusion', 'log-signature', 'witness', 'tariff'];
  if (simple.includes(line)) return { text: said(`place.${line}`), id: line === 'tariff' ? line : null };
  if (line.startsWith('series/')) return { text: said('place.series', line.slice(7)), id: line };
  if (['gross', 'net', 'rounding', 'total'].includes(line)) return { text: said('place.total', said(`sum.${line}`)), id: line };
  if (line.startsWith('readings/')) {
    const [, what] = line.split('/');
    if (/^\d{4}-\d{2}-\d{2}$/.test(what)) {
      return { text: said('place.day', day(what)), id: 'readings' };
    }
    const segment = /^segments\[(\d+)\]/.exec(what);
    return segment ? { text: said('place.segment', Number(segment[1]) + 1), id: line.split('/').slice(0, 2).join('/') } : { text: said('place.readings', what), id: 'readings' };
  }
  const part = /^(.+)\.parts\[(\d+)\]$/.exec(line);
  const label = document.querySelector(`details.line[data-line="${CSS.escape(part ? part[1] : line)}"]`)?.dataset.label ?? (part ? part[1] : line);
  return part ? { text: said('place.part', Number(part[2]) + 1, label), id: line } : { text: said('place.line', label), id: line };
}

/** Names of one's own files by the usual ones, so that a fault is told of the file that was given. */
const ownPaths = () => Object.fromEntries(Object.entries(own.names ?? {}).map(([kind, name]) => [usualNames[kind], name]));

async function take(files) {
  let kindOf;
  try {
    ({ kindOf } = await import('/verifier/praman-verifier.mjs'));
  } catch (error) {
    return show({ verdict: 'FAILED', reason: error.message });
  }
  own.names ??= {};
  for (const file of files) {
    if (file.size > FILE_MAX) return show({ verdict: 'UNREADABLE', reason: said('tooLarge', file.name), isInWords: true });
    const octets = new Uint8Array(await file.arrayBuffer());
    const kind = kindOf(octets);
    own[kind] = octets;
    own.names[kind] = file.name;
  }
  return files.length ? run() : undefined;
}

const input = panel.querySelector('[data-own-file]');
const drop = panel.querySelector('[data-drop]');
panel.querySelector('[data-needs-script]').hidden = false;
panel.querySelector('[data-check-run]')?.addEventListener('click', () => {
  for (const key of Object.keys(own)) delete own[key];
  input.value = '';
  run();
});
input.addEventListener('change', () => take([...input.files]));
for (const name of ['dragenter', 'dragover']) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add('is-over'); });
for (const name of ['dragleave', 'drop']) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove('is-over'); });
drop.addEventListener('drop', (event) => take([...event.dataTransfer.files]));
panel.dataset.ready = 'true';
