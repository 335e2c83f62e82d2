// Praman's second verifier: checks a bill from its three files alone, in a browser or in Node.
// It is written from docs/reference/proof-format.md, interval-block.md and tariff-format.md and shares no code with src/.
// Exact arithmetic on BigInt fractions; hashes and signatures by Web Crypto or Node's crypto. Licence: Apache-2.0.
//
//   import { verifyBill } from './praman-verifier.mjs';
//   const verdict = await verifyBill({ bill, proof, evidence, keys: ['name+hash+key', …], witnesses: 1 });
//   node praman-verifier.mjs bill.json bill.tlog-proof bill.evidence.json --log-key keys.txt [--witnesses 1] [--json]     (--help tells more)

// ---------------------------------------------------------------------------------------------------------------- crypto, octets, outcomes

const isNode = typeof process !== 'undefined' && !!process.versions?.node;
const [nodeCrypto, fs] = isNode ? await Promise.all([import('node:crypto'), import('node:fs')]) : [];
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const sha256 = nodeCrypto
  ? (octets) => new Uint8Array(nodeCrypto.createHash('sha256').update(octets).digest())
  : async (octets) => new Uint8Array(await crypto.subtle.digest('SHA-256', octets));

const hmacSha256 = nodeCrypto
  ? (key, octets) => new Uint8Array(nodeCrypto.createHmac('sha256', key).update(octets).digest())
  : async (key, octets) => {
    const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, octets));
  };

/** Whether a signature holds; where a browser has no Ed25519, that is missing. */
async function ed25519Verify(publicKey, message, signature) {
  if (nodeCrypto) {
    const spki = concat(Buffer.from('302a300506032b6570032100', 'hex'), publicKey);
    return nodeCrypto.verify(null, message, nodeCrypto.createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }), signature);
  }
  const key = await crypto.subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify']).catch(() => { throw new Unproven('Ed25519 in this browser'); });
  return crypto.subtle.verify({ name: 'Ed25519' }, key, signature, message);
}

/** A number and what it counts: `1 line`, `2 lines`. */
const howMany = (count, one, many = `${one}s`) => `${count} ${Number(count) === 1 ? one : many}`;

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const sameOctets = (a, b) => a.length === b.length && a.every((octet, i) => octet === b[i]);
const toHex = (octets) => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
const toBase64 = (octets) => (isNode ? Buffer.from(octets).toString('base64') : btoa(String.fromCharCode(...octets)));

/** Strict base64: padded, standard alphabet, no stray bits; otherwise Unreadable. */
function fromBase64(text, where) {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Unreadable(where, 'padded base64');
  const octets = isNode ? new Uint8Array(Buffer.from(text, 'base64')) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const last = text.slice(-4); // stray bits can be in the last group only
  if (toBase64(octets.slice(octets.length - (3 - (last.match(/=/g) ?? []).length))) !== last) throw new Unreadable(where, 'base64 in its only form');
  return octets;
}

function hash32(text, where) {
  const octets = fromBase64(text, where);
  if (octets.length !== 32) throw new Unreadable(where, '32 octets');
  return octets;
}

/** A file that is not what it should be: which (by its usual name), the place in it where one is at fault, and what was expected. */
export class Unreadable extends Error {
  /** @param where `bill.json: ` and the path of a member, such as `lines[0].label`. */
  constructor(where, expected) {
    const [, file, place = ''] = /^(.*?)(?:: (.*))?$/s.exec(where);
    super(`${file}: ${place === '' ? '' : `${place}: `}expected ${expected}`);
    this.file = file;
    this.place = place;
    this.expected = expected;
  }

  /** Whether it is a key that cannot be read, and no file. */
  get isOfKey() { return this.file === 'key'; }

  /** The same with the name under which the file was given: `names` by usual name. */
  textFor(names) { return `${names[this.file] ?? this.file}${this.message.slice(this.file.length)}`; }
}

/** The path of a member: of the file itself where nothing follows its name yet. Escapes stay as they stand, so that a name is no second line. */
const inside = (where, key) => `${where}${where.endsWith(': ') ? '' : '.'}${JSON.stringify(key).slice(1, -1)}`;

/** The first thing that does not hold; `line` is the place as proof-format.md names it. */
class Different extends Error {
  constructor(line, ours, theirs, unit = null, inWords = false) {
    super(`${line}: ${ours} ≠ ${theirs}`);
    this.line = line;
    this.ours = String(ours);
    this.theirs = String(theirs);
    this.unit = unit; // the currency where both are amounts in its hundredths, for who shows them
    this.inWords = inWords; // the amounts of the line hold: every other place tells more
  }
}

// ---------------------------------------------------------------------------------------------------------------- canonical JSON

const DEPTH_MAX = 32;
const FILE_MAX = 32 << 20;

/** Parses canonical JSON and refuses every other form: it must print back to the same octets. */
function parseCanonical(octets, file) {
  if (octets.length > FILE_MAX) throw new Unreadable(file, `at most ${FILE_MAX} octets`);
  let text;
  let value;
  try {
    text = strictUtf8.decode(octets);
    value = JSON.parse(text);
  } catch {
    throw new Unreadable(file, 'JSON in UTF-8'); // not in the words of an engine, of which each has its own
  }
  if (printCanonical(value, `${file}: `, 0) !== text) throw new Unreadable(file, 'canonical JSON: sorted keys once each, no white space, integers and strings');
  return value;
}

function printCanonical(value, where, depth) {
  if (depth > DEPTH_MAX) throw new Unreadable(where, `at most ${DEPTH_MAX} levels`);
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0))) throw new Unreadable(where, 'whole numbers within 2^53');
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new Unreadable(where, 'whole characters, no half of a surrogate pair');
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, i) => printCanonical(item, `${where}[${i}]`, depth + 1)).join(',')}]`;
  const printed = Object.keys(value).sort().map((key) => `${printCanonical(key, where, depth)}:${printCanonical(value[key], inside(where, key), depth + 1)}`);
  return `{${printed.join(',')}}`;
}

/**
 * Checks that an object has exactly these members, each passing its test, in the order of the file: the first that is unknown or missing is named itself.
 * Those of `optional` may be missing.
 */
function members(value, where, tests, optional = {}) {
  anyObject(value, where);
  const found = Object.keys(value).sort();
  const known = [...Object.keys(tests), ...Object.keys(optional).filter((key) => Object.hasOwn(value, key))].sort();
  for (const [i, key] of known.entries()) {
    if (i < found.length && found[i] < key) throw new Unreadable(inside(where, found[i]), `no such member, but ${key}`);
    if (found[i] !== key) throw new Unreadable(inside(where, key), 'this member, which is missing');
    (tests[key] ?? optional[key])(value[key], inside(where, key));
  }
  if (found.length > known.length) throw new Unreadable(inside(where, found[known.length]), 'no such member');
}

const check = (expected, holds) => (value, where) => {
  if (!holds(value)) throw new Unreadable(where, expected);
};
const anyObject = check('an object', (v) => v !== null && typeof v === 'object' && !Array.isArray(v));
const text = check('a string', (v) => typeof v === 'string');
const integer = check('a whole number', (v) => Number.isSafeInteger(v));
const natural = check('a whole number from 0', (v) => Number.isSafeInteger(v) && v >= 0);
const wholeWithin = (min, max) => check(`a whole number from ${min} to ${max}`, (v) => Number.isSafeInteger(v) && v >= min && v <= max);
const date = check('a date YYYY-MM-DD', (v) => typeof v === 'string' && isDate(v));
const instant = check('an instant in UTC, YYYY-MM-DDThh:mm:ssZ', (v) => typeof v === 'string' && isInstant(v));
const hexHash = check('64 lower-case hex digits', (v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v));
const decimal = check('a decimal number as a string', (v) => typeof v === 'string' && /^-?\d+(\.\d+)?$/.test(v));
const number = check('a decimal such as "3.05", at most 12 digits before and 9 after the point', (v) => typeof v === 'string' && /^-?\d{1,12}(\.\d{1,9})?$/.test(v));
const decimalOrEmpty = check('a decimal number as a string, or an empty one', (v) => typeof v === 'string' && /^(-?\d+(\.\d+)?)?$/.test(v));
const oneOf = (...options) => check(options.join(' or '), (v) => options.includes(v));
const exact = check('a decimal number, or decimal/whole, as a string', (v) => typeof v === 'string' && /^(-?\d+(\.\d+)?(\/[1-9]\d*)?)?$/.test(v));
const object = (tests, optional = {}) => (value, where) => members(value, where, tests, optional);
const amount = check('a decimal of 0 or more, at most 12 digits before and 9 after the point', (v) => typeof v === 'string' && /^\d{1,12}(\.\d{1,9})?$/.test(v));
const amountAboveZero = check('a decimal above 0, at most 12 digits before and 9 after the point', (v) => typeof v === 'string' && /^(?=.*[1-9])\d{1,12}(\.\d{1,9})?$/.test(v));
const list = (test, max = 100000) => (value, where) => {
  if (!Array.isArray(value) || value.length > max) throw new Unreadable(where, `an array of at most ${max}`);
  value.forEach((item, i) => test(item, `${where}[${i}]`));
};

function isInstant(value) {
  const isOfForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && isDate(value.slice(0, 10)) && !Number.isNaN(Date.parse(value));
  return isOfForm && new Date(value).toISOString() === value.replace('Z', '.000Z');
}

function isDate(value) {
  const isOfForm = /^\d{4}-\d\d-\d\d$/.test(value) && value >= '1900' && value < '9999' && !Number.isNaN(Date.parse(`${value}T00:00:00Z`));
  return isOfForm && isoOf(dayNumber(value)) === value;
}

const hashed = { id: text, sha256: hexHash };
const hash = (value, where) => { hash32(value, where); };
const saltOrErased = (value, where) => { if (value !== '') hash(value, where); };
const entry = object({ index: natural, path: list(hash, 64) });

const billShape = {
  type: oneOf('praman-bill/1'), bill_no: text, utility: text, service_point: text,
  usage_point: check('UP- and digits', (v) => typeof v === 'string' && /^UP-\d{9,20}$/.test(v)),
  time_zone: text, currency: text, issued: date, period: object({ from: date, to: date }), gate: oneOf('final', 'provisional'),
  tariff: object(hashed), series: list(object(hashed), 1000), rules: object(hashed),
  inputs: object({
    external: (value, where) => { anyObject(value, where); for (const [name, v] of Object.entries(value)) number(v, inside(where, name)); },
    flags: list(text, 100), phase: oneOf('single', 'three'), sanctioned_load_kw: number,
  }, {
    billing_months: amountAboveZero, holidays: list(date, 1000), kvah: amount, kw_max: amount, kwh_carried_in: amount, kwh_export: amount, max_demand_kw: amount,
    prices: list(number, 200000), season: text,
  }),
  readings: object({
    edited_intervals: natural, edited_registers: natural, energy_wh: natural, estimated_intervals: natural, estimated_wh: integer, intervals: natural, register: text,
    segments: list(object({
      closing: natural, closing_at: instant, device: text, digits: wholeWithin(0, 12), energy_wh: natural, multiplier: wholeWithin(1, 2147483647),
      opening: natural, opening_at: instant,
    }), 100),
    sha256: hexHash, unassigned_wh: integer,
  }),
  lines: list(object({
    formula: text, group: oneOf('energy', 'fixed', 'surcharge', 'tax', 'rebate', 'subsidy'), id: text, inputs: list(text), label: text,
    parts: list(object({ paise: integer, rate: decimalOrEmpty, units: exact })), paise: integer, quantity: exact, rate: decimalOrEmpty,
    sources: list(text), unit: text,
  }), 1000),
  gross_paise: integer, net_paise: integer, rounding_paise: integer, total_paise: integer,
};

/** What a bill in the place of another says of it, and what a reversal says of the bill that it takes back. */
const revisionShape = {
  reverses: object({ bill_no: text, issued: date, sha256: hexHash }),
  revises: object({
    bill_no: text, difference_paise: integer, lines: list(object({ id: text, paise: integer }), 1000), rounding_paise: integer, sha256: hexHash, total_paise: integer,
  }),
};

/** The bill that a reversal takes back: the same with its own number and date, each amount with the other sign. */
function reversedBy({ reverses, ...bill }) {
  const mirrored = (one) => ({ ...one, paise: 0 - one.paise });
  const sums = ['gross_paise', 'net_paise', 'rounding_paise', 'total_paise'].map((name) => [name, 0 - bill[name]]);
  const lines = bill.lines.map((line) => ({ ...mirrored(line), parts: line.parts.map(mirrored) }));
  return { ...bill, ...Object.fromEntries(sums), lines, bill_no: reverses.bill_no, issued: reverses.issued };
}

/** The short form: what was logged can be proved, but not recomputed. */
const shortShape = {
  type: oneOf('praman-bill/1'), bill_no: text, currency: text, lines: list(object({ id: text, paise: integer }), 1000), period: object({ from: date, to: date }),
  readings: object({ closing: decimal, opening: decimal, register: text, sha256: hexHash, unit: text }), service_point: text, tariff: object(hashed), total_paise: integer,
};

const evidenceShape = {
  type: oneOf('praman-evidence/1'), bill_no: text, tree_size: natural,
  batches: list(object({ date, entry, root: hash, size: natural })),
  blocks: list(object({ batch: natural, bytes: text, index: natural, path: list(hash, 64), salt: saltOrErased })),
  series: list(object({ entry, id: text, object: anyObject }), 1000),
  tariff: object({ entry, object: anyObject }),
};

// ---------------------------------------------------------------------------------------------------------------- Merkle log (RFC 9162)

const leafHash = (octets) => sha256(concat(Uint8Array.of(0), octets));
const nodeHash = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

/** Root that an inclusion proof leads to, or null where the proof has the wrong length (RFC 9162, 2.1.3): the last hash is the sibling at the top. */
async function rootOf(index, size, leaf, path) {
  if (size <= 1n || path.length === 0) return size === 1n && path.length === 0 ? leaf : null;
  const left = 1n << BigInt((size - 1n).toString(2).length - 1); // leaves of the left half: the greatest power of two below the size
  const isLeft = index < left;
  const below = await rootOf(isLeft ? index : index - left, isLeft ? left : size - left, leaf, path.slice(0, -1));
  if (below === null) return null;
  return isLeft ? nodeHash(below, path.at(-1)) : nodeHash(path.at(-1), below);
}

async function includes(index, size, leaf, path, root) {
  const found = index < size ? await rootOf(BigInt(index), BigInt(size), leaf, path) : null;
  return found !== null && sameOctets(found, root);
}

const logEntryLeaf = (kind, commitment) => leafHash(utf8.encode(`praman-log-entry/1\n${kind}\n${toBase64(commitment)}\n`));

const pathOf = (entries, where) => entries.map((item, i) => hash32(item, `${where}.path[${i}]`));

// ---------------------------------------------------------------------------------------------------------------- notes and proof file

/** A verifier key `name+hash+base64(type ‖ key)`: type 1 a log's, type 4 a witness's. */
async function parseKey(line) {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line);
  if (!match) throw new Unreadable('key', 'name+hash+key as in a signed note');
  const raw = fromBase64(match[3], 'key');
  if (raw.length !== 33 || (raw[0] !== 1 && raw[0] !== 4)) throw new Unreadable('key', 'an Ed25519 key of a log (1) or of a witness (4)');
  const id = (await sha256(concat(utf8.encode(`${match[1]}\n`), raw))).slice(0, 4);
  if (toHex(id) !== match[2]) throw new Unreadable('key', `the key hash ${toHex(id)}`);
  return { name: match[1], id, isWitness: raw[0] === 4, publicKey: raw.slice(1) };
}

function parseProof(octets) {
  const file = 'bill.tlog-proof';
  let source = octets;
  try {
    if (typeof octets !== 'string') source = strictUtf8.decode(octets);
  } catch {
    throw new Unreadable(file, 'text in UTF-8');
  }
  if (source.length > 1 << 20) throw new Unreadable(file, 'at most 1 MiB');
  if (/[\u0000-\u0009\u000b-\u001f]/.test(source)) throw new Unreadable(file, 'no control character but the line end');
  const lines = source.split('\n');
  let at = 0;
  const here = () => `${file}: line ${at}`; // of the line that was read last
  const take = (form, expected) => {
    const found = form.exec(lines[at++] ?? '');
    if (!found) throw new Unreadable(here(), expected);
    return found[1];
  };
  take(/^c2sp\.org\/tlog-proof@v1$/, 'c2sp.org/tlog-proof@v1');
  const salt = lines[at]?.startsWith('extra ') ? hash32(take(/^extra (.*)$/, 'a salt'), here()) : null;
  const index = Number(take(/^index (0|[1-9]\d{0,15})$/, 'a line "index N"'));
  const path = [];
  while (lines[at]) path.push(hash32(take(/^(.*)$/, 'a hash'), here()));
  if (path.length > 64) throw new Unreadable(here(), 'at most 64 hashes');
  take(/^()$/, 'an empty line before the checkpoint');
  const bodyAt = at;
  const origin = take(/^(.+)$/, 'an origin');
  const size = Number(take(/^(0|[1-9]\d{0,15})$/, 'the size of a tree'));
  const root = hash32(take(/^(.+)$/, 'a root'), here());
  while (lines[at]) at++;
  const body = `${lines.slice(bodyAt, at).join('\n')}\n`;
  take(/^()$/, 'an empty line before the signatures');
  const signatures = [];
  do {
    const [, name, value] = take(/^(— [^\s+\u007f-\u009f]+ \S+)$/, '"— name base64"').split(' ');
    const raw = fromBase64(value, here());
    if (raw.length < 5) throw new Unreadable(here(), 'a key hash and a signature');
    signatures.push({ name, id: raw.slice(0, 4), value: raw.slice(4) });
  } while (at < lines.length - 1);
  if (at === lines.length || lines[at] !== '') throw new Unreadable(here(), 'a line end after the last signature');
  return { salt, index, path, body, origin, size, root, signatures };
}

/** What a step says that could not be run, or not to its end, for want of something: nothing is wrong, and it is not called right. */
class NotRun {
  constructor(detail = 'not checked: something is missing') { this.detail = detail; }
}

/** Checks the log's signature and counts witness cosignatures (cosignature/v1, with its time in front); fewer than asked for leave the step open. */
async function checkSignatures(proof, keys, witnesses, missing) {
  const body = utf8.encode(proof.body);
  const logKeys = keys.filter((key) => !key.isWitness && key.name === proof.origin);
  const witnessKeys = keys.filter((key) => key.isWitness);
  if (logKeys.length === 0) missing.push('log key');
  const signedBy = (some) => some.flatMap((key) => proof.signatures
    .filter((signature) => signature.name === key.name && sameOctets(signature.id, key.id)).map((signature) => ({ key, value: signature.value })));
  const bySome = signedBy(logKeys);
  for (const { key, value } of bySome) {
    if (!(await ed25519Verify(key.publicKey, body, value))) throw new Different('log-signature', 'a signature of the log that verifies', 'one that does not');
  }
  if (logKeys.length > 0 && bySome.length === 0) throw new Different('log-signature', `a signature by ${proof.origin}`, 'none');
  const cosigners = new Set();
  for (const { key, value } of signedBy(witnessKeys)) {
    if (value.length !== 72) throw new Different('witness', 'a time and a signature', `${value.length} octets`);
    const time = new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0);
    const good = await ed25519Verify(key.publicKey, utf8.encode(`cosignature/v1\ntime ${time}\n${proof.body}`), value.slice(8));
    if (!good) throw new Different('witness', `a cosignature of ${key.name} that verifies`, 'one that does not');
    if (time > BigInt(Math.floor(Date.now() / 1000) + 600)) throw new Different('witness', 'a time that has come', `${time}`);
    cosigners.add(toHex(key.publicKey));
  }
  if (cosigners.size < witnesses) missing.push(witnessKeys.length === 0 ? 'witness key' : howMany(witnesses - cosigners.size, 'witness cosignature'));
  if (logKeys.length === 0) return new NotRun(`no key of the log ${proof.origin} was given`);
  return cosigners.size < witnesses
    ? new NotRun(`log ${proof.origin}, ${cosigners.size} of ${howMany(witnesses, 'witness', 'witnesses')}`)
    : `log ${proof.origin}, ${howMany(cosigners.size, 'witness', 'witnesses')}`;
}

// ---------------------------------------------------------------------------------------------------------------- day blocks

const MISSING = 4;
const UNBILLABLE_STATES = new Set([0, 3, MISSING]); // RAW, FAILED
const REGISTER_STATES = new Set([1, 2, 5, 6, 0x11]); // VALID, WARN, ACCEPTED, EDITED, E1
const UNASSIGNED_MAX = 1000; // Wh a segment that its half-hours need not explain
const KNOWN_TYPES = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x21, 0x22, 0x23, 0x24, 0x41, 0x42, 0x61, 0x62]);
const EPOCH_MINUTES = Date.UTC(2000, 0, 1) / 60000;

/** Unpacks praman-block/1; throws with the place where the octets are not exactly one block. */
export function decodeBlock(octets, where = 'block') {
  let at = 0;
  const bad = (expected) => new Unreadable(where, `${expected} at octet ${at}`);
  const octet = (what) => {
    if (at >= octets.length) throw bad(what);
    return octets[at++];
  };
  const varint = (what) => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const next = octet(what);
      value |= BigInt(next & 0x7f) << shift;
      if (next & 0x80) continue;
      if (next === 0 && shift > 0n) throw bad(`${what} in the fewest octets`);
      if (value >= 1n << 64n) throw bad(`${what} below 2^64`);
      return value;
    }
    throw bad(`${what} of at most ten octets`);
  };
  const small = (what, max) => {
    const value = varint(what);
    if (value > BigInt(max)) throw bad(`${what} of at most ${max}`);
    return Number(value);
  };
  if (octet('format') !== 1) throw bad('format 1');
  const usagePoint = varint('usage point');
  const type = octet('reading type');
  if (!KNOWN_TYPES.has(type)) throw bad('a known reading type');
  const startMinutes = small('start', 4200000000) + EPOCH_MINUTES;
  const intervalMinutes = small('interval', 1500);
  const count = small('count', 1500);
  if (count === 0) throw bad('at least one interval');
  const revision = small('revision', 2 ** 23 + 7);
  if ((revision & 7) > 5) throw bad('a known cause');
  const lead = small('runs of quality', count + 1); // 0 and 1: one state for the whole day
  const states = new Array(count).fill(lead);
  if (lead >= 2) {
    let filled = 0;
    let before = -1;
    for (let run = 1; run < lead; run++) {
      const state = octet('a state');
      const flag = octet('flags');
      if (!(state <= 6 || (state >= 0x11 && state <= 0x18)) || flag >= 0x80) throw bad('a known state and flags');
      if (((state << 8) | flag) === before) throw bad('runs that differ from their neighbours');
      before = (state << 8) | flag;
      const length = small('length of a run', count - filled);
      if (length === 0) throw bad('a run that is not empty');
      states.fill(state, filled, filled + length);
      filled += length;
    }
    if (filled !== count) throw bad('runs that cover every interval');
    if (lead === 2 && (before === 0 || before === 0x100)) throw bad('the short form of a plain day');
  }
  const codingAt = at;
  const coding = octet('coding');
  const k = BigInt(coding & 0x1f);
  const scaler = coding & 0x20 ? (octet('scaler') << 24) >> 24 : null;
  if (scaler === 0) throw bad('a scaler that is not 0');
  const base = unzigzag(varint('base'));
  const limit = 1n << 47n;
  if (base <= -limit || base >= limit) throw bad('a base below 2^47');
  const values = new Array(count).fill(0n);
  const present = states.flatMap((state, i) => (state === MISSING ? [] : [i]));
  if (coding >> 6 === 3) throw bad('a known coding');
  if (coding >> 6 === 0) {
    for (const i of present) values[i] = base;
  } else {
    const bits = Array.from(octets.subarray(at), (one) => one.toString(2).padStart(8, '0')).join('');
    let bit = 0;
    const read = (length) => {
      if (bit + length > bits.length) throw bad('more octets');
      bit += length;
      return BigInt(`0b0${bits.slice(bit - length, bit)}`);
    };
    const rice = () => {
      let ones = 0;
      while (ones < 24 && read(1) === 1n) ones++;
      if (ones < 24) return (BigInt(ones) << k) | read(Number(k));
      const long = read(49);
      if (long >> k < 24n) throw bad('the short form of a value');
      return long;
    };
    present.forEach((i, n) => {
      if (coding >> 6 === 1) values[i] = base + rice();
      else values[i] = n === 0 ? base : values[present[n - 1]] + unzigzag(rice());
      if (values[i] <= -limit || values[i] >= limit) throw bad('values below 2^47');
    });
    if (bits.length - bit >= 8) throw bad('the end of the block');
    if (bits.slice(bit).includes('1')) throw bad('padding of 0 bits');
    at = octets.length;
  }
  if (at !== octets.length) throw bad('the end of the block');
  // The octets are hashed: the same values have one form only, the one that the writer chooses.
  const written = chooseCoding(present.map((i) => Number(values[i])));
  if (coding >> 6 !== written.coding || Number(k) !== written.k || Number(base) !== written.base) {
    throw new Unreadable(where, `coding ${written.coding} with k ${written.k} and base ${written.base} at octet ${codingAt}`);
  }
  return { usagePoint, type, startMinutes, intervalMinutes, count, version: revision >> 3, states, values, scaler: scaler ?? 0 };
}

/** The coding, Rice parameter and base that the writer takes for these values; all numbers stay below 2^50 and are exact. */
function chooseCoding(values) {
  if (values.every((value) => value === values[0])) return { coding: 0, k: 0, base: values[0] ?? 0 };
  const lowest = values.reduce((a, b) => Math.min(a, b));
  const zigzag = (value) => (value < 0 ? -2 * value - 1 : 2 * value);
  const cheapest = (codes) => {
    const mean = codes.reduce((sum, code) => sum + BigInt(code), 0n) / BigInt(codes.length);
    const guess = Math.min(Math.max(mean.toString(2).length - 1, 1), 30);
    const bitsOf = (code, k) => (code < 24 * 2 ** k ? Math.floor(code / 2 ** k) + 1 + k : 24 + 49);
    return [guess - 1, guess, guess + 1].map((k) => ({ k, bits: codes.reduce((sum, code) => sum + bitsOf(code, k), 0) }))
      .reduce((best, one) => (one.bits < best.bits ? one : best));
  };
  const distances = cheapest(values.map((value) => value - lowest));
  const differences = cheapest(values.slice(1).map((value, i) => zigzag(value - values[i])));
  return differences.bits < distances.bits ? { coding: 2, k: differences.k, base: values[0] } : { coding: 1, k: distances.k, base: lowest };
}

const unzigzag = (value) => ((value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n));
const isEstimated = (state) => state > 0x11 && state <= 0x18;
const isByPerson = (state) => state === 5 || state === 6; // ACCEPTED, EDITED

// ---------------------------------------------------------------------------------------------------------------- exact fractions, calendar

export class Fraction {
  /** @param given the text that it was read from, where it was: a rate is written as the order prints it. */
  constructor(numerator, denominator = 1n, given = null) {
    if (denominator < 0n) { numerator = -numerator; denominator = -denominator; }
    this.n = numerator;
    this.d = denominator;
    this.given = given;
  }

  static of(value) {
    if (value instanceof Fraction) return value;
    if (typeof value === 'bigint' || Number.isSafeInteger(value)) return new Fraction(BigInt(value));
    const match = /^(-?)(\d+)(?:\.(\d+))?(?:\/(\d+))?$/.exec(value);
    const decimals = match[3] ?? '';
    const digits = BigInt(match[2] + decimals);
    return new Fraction(match[1] ? -digits : digits, 10n ** BigInt(decimals.length) * BigInt(match[4] ?? 1), value);
  }

  plus(other) { const o = Fraction.of(other); return new Fraction(this.n * o.d + o.n * this.d, this.d * o.d); }
  minus(other) { const o = Fraction.of(other); return this.plus(new Fraction(-o.n, o.d)); }
  times(other) { const o = Fraction.of(other); return new Fraction(this.n * o.n, this.d * o.d); }
  over(other) { const o = Fraction.of(other); return new Fraction(this.n * o.d, this.d * o.n); }
  compare(other) { const o = Fraction.of(other); const x = this.n * o.d - o.n * this.d; return x < 0n ? -1 : x > 0n ? 1 : 0; }
  isZero() { return this.n === 0n; }
  negated() { return new Fraction(-this.n, this.d, this.given === null ? null : this.given.startsWith('-') ? this.given.slice(1) : `-${this.given}`); }

  /** To a whole multiple of `step`; half away from zero for half_up. */
  round(step, mode = 'half_up') {
    const s = Fraction.of(step);
    const n = this.n * s.d;
    const d = this.d * s.n;
    const negative = n < 0n;
    const size = negative ? -n : n;
    let whole = size / d;
    const rest = size % d;
    if (mode === 'half_up' ? 2n * rest >= d : mode === 'up' ? rest > 0n && !negative : rest > 0n && negative) whole += 1n;
    return new Fraction((negative ? -whole : whole) * s.n, s.d);
  }

  /** Hundredths as a BigInt; null where it is not whole hundredths. */
  hundredths() { return (this.n * 100n) % this.d === 0n ? (this.n * 100n) / this.d : null; }

  toString() { return this.toDecimal() ?? `${this.n}/${this.d}`; }

  reduced() {
    let a = this.n < 0n ? -this.n : this.n;
    let b = this.d;
    while (b !== 0n) [a, b] = [b, a % b];
    return new Fraction(this.n / a, this.d / a, this.given);
  }

  /** In lowest terms: `24/31`, `1/2`, `3`. */
  toLowestTerms() {
    const { n, d } = this.reduced();
    return d === 1n ? String(n) : `${n}/${d}`;
  }

  /** As it was given, trailing zeros kept; without needless zeros in front, and no zero has a sign. */
  asGiven() {
    if (this.given === null) return this.toDecimal();
    const [, sign, digits] = /^(-?)0*(\d.*)$/.exec(this.given);
    return this.n === 0n ? digits : sign + digits;
  }

  /** Two decimals, or as many as it has beyond that, up to nine. */
  money() {
    const [, whole, decimals] = /^(-?\d+)(?:\.(\d+))?$/.exec(this.round('0.000000001').toDecimal());
    return `${whole}.${(decimals ?? '').padEnd(2, '0')}`;
  }

  /** Shortest decimal text; null where there is none of at most 28 decimals. */
  toDecimal() {
    const size = this.n < 0n ? -this.n : this.n;
    let decimals = '';
    for (let rest = (size % this.d) * 10n; rest !== 0n; rest = (rest % this.d) * 10n) {
      if (decimals.length === 28) return null;
      decimals += String(rest / this.d);
    }
    return `${this.n < 0n ? '-' : ''}${size / this.d}${decimals ? `.${decimals}` : ''}`;
  }
}

const ZERO = new Fraction(0n);
const sumOf = (items) => items.reduce((sum, item) => sum.plus(item), ZERO);
const smaller = (a, b) => (a.compare(b) <= 0 ? a : b);
const larger = (a, b) => (a.compare(b) >= 0 ? a : b);

const DAY_MS = 86400000;
const dayNumber = (iso) => Date.parse(`${iso}T00:00:00Z`) / DAY_MS;
const isoOf = (number) => new Date(number * DAY_MS).toISOString().slice(0, 10);
const daysInMonth = (iso) => new Date(Date.UTC(+iso.slice(0, 4), +iso.slice(5, 7), 0)).getUTCDate();

/** What a clock shows at an instant (minutes of Unix time) in a TZDB zone. */
function clockOf(minutes, formatter) {
  const parts = Object.fromEntries(formatter.formatToParts(new Date(minutes * 60000)).map((part) => [part.type, part.value]));
  return { date: `${parts.year.padStart(4, '0')}-${parts.month}-${parts.day}`, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

/** Local date of an instant, and whether it is that date's midnight. */
function localDay(minutes, formatter) {
  const { date } = clockOf(minutes, formatter);
  // The first instant of a date is midnight as a rule; the minute before is another date, whatever the clock shows.
  return { date, get midnight() { return clockOf(minutes - 1, formatter).date < date; } };
}

// Intl takes names of zones in any case and offsets such as +05:30; the tz database has each name in one spelling.
const ZONE_WORD = new RegExp('^([A-Z][a-z]+|au|es|of|W|GB|IN|NZ|SU|US|UTC|UCT|GMT0?|GMT\\+?\\d{1,2}|\\d{1,2}|ACT|LHI|NSW|CHAT|PRC|ROC|ROK|[CEMW]ET|[EHM]ST'
  + '|[ECMP]ST\\d[ECMP]DT|Baja(Norte|Sur)|ComodRivadavia|DeNoronha|DumontDUrville|EasterIsland|McMurdo)$');

function zoneFormatter(zone) {
  try {
    if (!zone.split(/[/_-]/).every((word) => ZONE_WORD.test(word))) throw new RangeError(zone);
    return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  } catch {
    throw new Unreadable('bill.json: time_zone', 'a time zone of the tz database');
  }
}

// ---------------------------------------------------------------------------------------------------------------- rating

/** Something the tariff needs that is not there: a rate, a point of a series, an external value, or a kind this file does not know. */
class Unproven extends Error {
  constructor(missing) {
    super(missing);
    this.missing = missing;
  }
}

/** Whether a tariff has a price that goes by the time of use. */
const goesByTime = (tariff) => tariff.components.some((one) => one.kind === 'tod' || one.kind === 'interval');

/** Ids of the series that the components of a tariff refer to, sorted. */
const seriesOf = (tariff) => [...new Set(tariff.components.map((component) => component.series).filter(Boolean))].sort();

const isAbsent = (value) => value === undefined || value === null;

/** Minutes of the day of a stretch `{from, to}`, and whether a minute is in it: start included, end excluded, past midnight too. Without times: always. */
function stretchOf({ from, to }) {
  if (isAbsent(from)) return () => true;
  const clock = (text) => (text === '24:00' ? 0 : Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
  const [start, end] = [clock(from), clock(to)];
  return (minute) => (start < end ? minute >= start && minute < end : minute >= start || minute < end);
}

const UNITS = { kvah: 'kVAh', kw_max: 'kW' };
const unitOf = (quantity) => UNITS[quantity] ?? 'kWh';

/**
 * Rates one bill by praman-tariff/1. `inputs`: from, to, kwh (Fraction, of the readings), sanctioned_load_kw, phase, flags, external, what else the bill
 * states, and `slots` where the intervals are known.
 */
export function rate(tariff, seriesById, inputs) {
  const billing = tariff.billing;
  const days = dayNumber(inputs.to) - dayNumber(inputs.from) + 1;
  const allDays = Array.from({ length: days }, (_, i) => isoOf(dayNumber(inputs.from) + i));
  const paise = (amount) => amount.round(billing.line_rounding.step, billing.line_rounding.mode);

  const monthsOf = (dates) => {
    if (billing.month_fraction === 'days_over_30') return new Fraction(BigInt(dates.length), 30n);
    if (billing.month_fraction === 'calendar_sum') return sumOf(dates.map((day) => new Fraction(1n, BigInt(daysInMonth(day)))));
    return new Fraction(BigInt(billing.cycle_months * dates.length), BigInt(days));
  };
  const given = (value) => (isAbsent(value) ? null : Fraction.of(value));
  const stepped = (value) => given(value)?.round(billing.unit_step) ?? null;
  const printed = given(inputs.billing_months);
  const m = printed ?? (billing.month_fraction === 'none' ? Fraction.of(billing.cycle_months) : monthsOf(allDays));
  const prorated = (what) => (billing.prorate.includes(what) ? m : Fraction.of(billing.cycle_months));
  const imported = stepped(inputs.kwh);
  // Net metering: what was taken less what was given, now and left over from before; the rest is carried out.
  const kwh = tariff.export ? larger(imported.minus(stepped(inputs.kwh_export ?? 0)).minus(inputs.kwh_carried_in ?? 0), ZERO) : imported;
  const kwhMonth = kwh.over(m);
  const load = Fraction.of(inputs.sanctioned_load_kw);
  const peak = given(inputs.kw_max ?? inputs.max_demand_kw);
  const quantities = { kwh, kwh_import: imported, kvah: stepped(inputs.kvah), kwh_export: stepped(inputs.kwh_export), kw_max: peak };

  /** The tariff makes no bill of these inputs, so nobody can have made one. */
  const refuse = (why) => new Different('tariff', why, 'a bill');
  const quantityOf = (component) => {
    if (!Object.hasOwn(quantities, component.quantity) || quantities[component.quantity] === null) throw refuse(`no quantity ${component.quantity}, which '${component.id}' needs`);
    return quantities[component.quantity];
  };
  const number = (value, what) => {
    if (isAbsent(value)) throw refuse(`no rate of ${what}`);
    return Fraction.of(value);
  };
  const external = (name) => {
    if (!Object.hasOwn(inputs.external, name)) throw refuse(`no external value ${name}`);
    return Fraction.of(inputs.external[name]);
  };
  const within = (range, value) => (range.lte === undefined || value.compare(range.lte) <= 0) && (range.gt === undefined || value.compare(range.gt) > 0);
  const conditions = {
    kwh: (range) => within(range, kwh),
    kwh_month: (range) => within(range, kwhMonth),
    load_kw: (range) => within(range, load),
    flags: (flags) => flags.every((flag) => inputs.flags.includes(flag)),
  };
  const holds = (when) => Object.entries(when ?? {}).map(([key, range]) => {
    if (!Object.hasOwn(conditions, key)) throw new Unproven(`condition ${key}`);
    return isAbsent(range) || conditions[key](range);
  }).every(Boolean);
  const pointOn = (id, day) => {
    const series = seriesById[id];
    if (!series) throw new Unproven(`series ${id}`);
    const date = series.basis === 'bill_date' ? inputs.issued : day;
    const found = series.points.findLast((point) => point.from <= date);
    if (!found || (!isAbsent(found.to) && found.to < date)) throw refuse(`no value of series ${id} on ${date}`);
    return found;
  };
  /** Runs of some days on which a key stays the same: [{key, dates}]. */
  const runs = (keyOf, dates = allDays) => {
    const result = [];
    for (const day of dates) {
      const key = keyOf(day);
      if (result.length > 0 && result.at(-1).key === key) result.at(-1).dates.push(day);
      else result.push({ key, dates: [day] });
    }
    return result;
  };
  /**
   * Units of a period over its runs: by the intervals of their days where the tariff says so and asks for intervals, else by days; rounded to the unit step,
   * the remainder to the last.
   */
  const shareUnits = (units, parts) => {
    const isByInterval = billing.rate_change_split === 'by_interval' && parts.length > 1 && goesByTime(tariff) && inputs.slots;
    const ofDay = new Map();
    if (isByInterval) for (const { date, wh } of inputs.slots()) ofDay.set(date, (ofDay.get(date) ?? 0n) + wh);
    const ofPart = ({ dates }) => (isByInterval
      ? new Fraction(dates.reduce((sum, date) => sum + (ofDay.get(date) ?? 0n), 0n), 1000n)
      : units.times(new Fraction(BigInt(dates.length), BigInt(days))));
    let left = units;
    return parts.map((part, i) => {
      const share = i === parts.length - 1 ? left : smaller(left, ofPart(part).round(billing.unit_step));
      left = left.minus(share);
      return share;
    });
  };
  /** Where a dated value of any series of the tariff changes, if the tariff computes such parts apart; else the whole period. */
  const rateSegments = () => {
    const dated = billing.segments ? seriesOf(tariff).filter((id) => seriesById[id]?.basis !== 'bill_date') : [];
    return dated.length === 0 ? [{ dates: allDays }] : runs((day) => dated.map((id) => pointOn(id, day).from).join('|'));
  };
  const scaleOf = (per, { dates }) => {
    const share = new Fraction(BigInt(dates.length), BigInt(days));
    if (per === 'day') return Fraction.of(dates.length);
    if (per === 'cycle') return (billing.prorate.includes('slab_limits') ? m.over(billing.cycle_months) : Fraction.of(1)).times(share);
    if (!billing.prorate.includes('slab_limits')) return Fraction.of(billing.cycle_months).times(share);
    return billing.month_fraction === 'none' || printed ? m.times(share) : monthsOf(dates);
  };
  const whole = { dates: allDays };
  const tableOf = (component) => {
    const table = component.tables ? component.tables.find((candidate) => holds(candidate.when)) : component;
    if (!table) throw refuse(`no table of ${component.id} holds`);
    return table;
  };

  /** Bands of a slab table as parts {units, rate, amount}. */
  const slabParts = (units, { bands, mode }, scale, what) => {
    const limitOf = (band) => {
      if (isAbsent(band.upto)) return band.upto_external ? external(band.upto_external).times(scale) : null;
      const limit = Fraction.of(band.upto).times(scale);
      return billing.slab_limit_rounding === 'cumulative_half_up_unit' ? limit.round(1) : limit;
    };
    const partOf = (size, i) => {
      const price = bands[i].external ? external(bands[i].external) : number(bands[i].rate, `${what} band ${i + 1}`);
      return { units: size, rate: price, amount: paise(size.times(price)) };
    };
    const limits = bands.map(limitOf);
    if (units.isZero()) return []; // no band is reached
    const reached = limits.findIndex((limit) => limit === null || units.compare(limit) <= 0);
    if (reached < 0) throw refuse(`no rate of ${what} above its last limit`);
    if (mode === 'whole') return [partOf(units, reached)];
    const parts = [];
    let below = ZERO;
    for (let i = 0; i <= reached; i++) {
      const top = i === reached ? units : limits[i];
      if (top.compare(below) <= 0) continue;
      parts.push(partOf(top.minus(below), i));
      below = top;
    }
    return parts;
  };
  const slabSum = (...of) => sumOf(slabParts(...of).map((part) => part.amount));

  /** A line of one part. */
  const single = (quantity, unit, amount, price = null) => ({ parts: [{ units: quantity, rate: price, amount }], quantity, unit });
  // Where the quantity of a line comes from, by the tariff alone: energy of the grid is read, the rest is stated.
  const sourceOf = (component) => ({ kvah: 'input:kvah', kw_max: 'input:kw_max', kwh_export: 'input:kwh_export' })[component.quantity] ?? 'readings';
  const externals = (...names) => [...new Set(names.filter((name) => !isAbsent(name)))].map((name) => `external:${name}`);
  const ofLines = (ids) => ids.map((id) => `line:${id}`);
  const ofAllLines = ofLines(tariff.components.map((component) => component.id));
  const lines = new Map();
  const amountOf = (id) => lines.get(id)?.amount ?? ZERO;

  const demand = given(inputs.max_demand_kw) ?? peak ?? ZERO;
  /** The load that a fixed charge looks at, before it is rounded. */
  const loads = {
    sanctioned: () => load,
    billing_demand: () => larger(demand, load),
    max_of_demand_and_75pct_sanctioned: () => larger(demand, load.times('0.75')),
    derived_from_kwh: ({ derive }) => kwhMonth.over(derive.kwh_per_step).round(1, 'up').times(derive.step_kw),
  };

  /** How a component of each kind is charged: its parts, quantity, unit, where that comes from, and the points of a series that it used. */
  const kinds = {
    blocks(component) {
      const table = tableOf(component);
      const segments = rateSegments();
      const quantity = quantityOf(component);
      const shares = shareUnits(quantity, segments);
      const partsOf = (segment, i) => slabParts(shares[i], table, scaleOf(component.per, segment), component.id).map((part) => ({ ...part, dates: segment.dates }));
      const named = (component.tables ?? [component]).flatMap((one) => one.bands.flatMap((band) => [band.external, band.upto_external]));
      return { parts: segments.flatMap(partsOf), quantity, unit: unitOf(component.quantity), inputs: [sourceOf(component), ...externals(...named)] };
    },
    unit(component) {
      const quantity = quantityOf(component);
      const unit = unitOf(component.quantity);
      const sources = [sourceOf(component), ...externals(component.external)];
      if (!component.series) {
        const price = component.external ? external(component.external) : number(tableOf(component).rate, component.id);
        return { ...single(quantity, unit, paise(quantity.times(price)), price), inputs: sources };
      }
      const stretches = runs((day) => pointOn(component.series, day));
      const shares = shareUnits(quantity, stretches);
      const parts = stretches.map(({ key, dates }, i) => ({ units: shares[i], rate: Fraction.of(key.value), amount: paise(shares[i].times(key.value)), dates }));
      return { parts, quantity, unit, inputs: sources, points: stretches.map((one) => one.key) };
    },
    fixed(component) {
      const isByLoad = component.basis !== 'connection' || component.bands_by_load;
      if (isByLoad && load.compare(0) < 0) throw refuse('a load of 0 or more');
      const loadRule = component.load ?? 'sanctioned';
      if (!Object.hasOwn(loads, loadRule)) throw new Unproven(`load ${loadRule}`);
      const exact = loads[loadRule](component);
      const size = component.load_rounding ? exact.round(component.load_rounding.step, component.load_rounding.mode) : exact;
      let value = component.external ? external(component.external) : component.rate;
      if (component.by_phase) value = component.by_phase[inputs.phase];
      const bands = component.bands_by_load ?? component.bands_by_kwh ?? (Array.isArray(value) ? value : null);
      const measure = component.bands_by_load ? size : kwhMonth;
      const band = bands?.find((one) => isAbsent(one.upto_kw ?? one.upto) || measure.compare(one.upto_kw ?? one.upto) <= 0);
      if (bands && !band) throw refuse(`no band of ${component.id} for ${measure}`);
      const basis = (component.bands_by_load && band.basis) || component.basis;
      if (basis === 'by_load') throw new Unproven(`basis of ${component.id}`);
      const price = number(bands ? band.rate : value, component.id);
      const quantity = basis === 'connection' ? Fraction.of(1) : size;
      const partOf = (units, more = {}) => ({ units, rate: price, amount: paise(price.times(quantity).times(units)), ...more });
      const line = { quantity, unit: { kw: 'kW', kva: 'kVA' }[basis] ?? 'connection', inputs: [...(isByLoad ? ['load'] : []), ...externals(component.external)] };
      if (component.per === 'day') return { ...line, parts: [partOf(Fraction.of(days), { name: 'days' })] };
      const isBySegment = billing.segments && billing.prorate.includes('fixed') && billing.month_fraction !== 'none' && !printed;
      if (!isBySegment) return { ...line, parts: [partOf(prorated('fixed'))] };
      const months = rateSegments().flatMap((segment) => runs((day) => day.slice(0, 7), segment.dates));
      return { ...line, parts: months.map(({ dates }) => partOf(monthsOf(dates), { dates })) };
    },
    percent(component) {
      const bases = component.of.filter(({ id }) => lines.has(id) || tariff.components.some((other) => other.id === id))
        .map(({ id, weight }) => ({ id, weight: Fraction.of(weight ?? 1) }));
      const base = sumOf(bases.map(({ id, weight }) => amountOf(id).times(weight)));
      const baseParts = bases.flatMap(({ id, weight }) => (lines.get(id)?.parts ?? []).map((part) => ({ amount: part.amount.times(weight), dates: part.dates ?? allDays })));
      const isApart = component.per_band || component.per_segment;
      const at = (units, percent) => ({ units, rate: Fraction.of(percent), amount: paise(units.times(percent).over(100)) });
      const line = { quantity: base, unit: tariff.currency, inputs: [...ofLines(component.of.map((item) => item.id)), ...externals(component.external)] };
      if (!component.series) {
        const percent = component.external ? external(component.external) : number(component.rate, component.id);
        return { ...line, parts: (isApart ? baseParts.map((part) => part.amount) : [base]).map((units) => at(units, percent)) };
      }
      const pointsOf = (dates) => runs((day) => pointOn(component.series, day), dates);
      const points = pointsOf(allDays).map((run) => run.key); // the whole period must be covered, also where the base is 0
      // Each part of the base counts at the value that holds on its days.
      const shares = baseParts.flatMap(({ amount, dates }) => pointsOf(dates)
        .map((run) => ({ point: run.key, amount: amount.times(new Fraction(BigInt(run.dates.length), BigInt(dates.length))) })));
      if (isApart) return { ...line, parts: shares.map((one) => at(one.amount, one.point.value)), points };
      const sumAt = (point) => sumOf(shares.filter((one) => one.point === point).map((one) => one.amount));
      return { ...line, parts: [...new Set(points)].map((point) => at(sumAt(point), point.value)), points };
    },
    /** Units of each period of the day by the start of their intervals; a multiplier works on the average rate of its base. */
    tod(component) {
      if (!inputs.slots) throw new Unproven('intervals'); // rated without readings
      const measured = component.quantity ?? 'kwh';
      const periods = component.periods.map((p) => ({ ...p, isWithin: stretchOf(p), wh: 0n }));
      const hasHolidays = periods.some((p) => p.days === 'holiday');
      const isOnDay = (p, date) => {
        if (isAbsent(p.days) || p.days === 'all') return true;
        if (hasHolidays && isAbsent(inputs.holidays)) throw refuse(`no holidays, which '${component.id}' needs`);
        if (p.days === 'holiday') return inputs.holidays.includes(date);
        return (p.days === 'weekend') === [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
      };
      const isOn = (p, date) => isOnDay(p, date) && (!p.months?.length || p.months.includes(Number(date.slice(5, 7))));
      for (const { date, minute, wh } of inputs.slots()) {
        const period = periods.find((p) => p.isWithin(minute) && isOn(p, date));
        if (period) period.wh += wh;
      }
      if (measured === 'kwh' && inputs.unassigned_wh !== 0 && periods.some((p) => !isAbsent(p.rate))) {
        throw refuse(`energy at no known time, and '${component.id}' has rates for known times alone`);
      }
      const bases = component.base ?? [];
      const units = bases.length > 0 ? quantityOf({ id: component.id, quantity: measured }) : ZERO;
      const average = units.isZero() ? ZERO : sumOf(bases.map(amountOf)).over(units);
      const parts = periods.map((p) => {
        const used = new Fraction(p.wh, 1000n);
        const price = Fraction.of(p.rate ?? p.adder ?? p.multiplier);
        const multiplies = !isAbsent(p.multiplier);
        const amount = paise(multiplies ? used.times(average).times(price.minus(1)) : used.times(price));
        return { units: used, rate: price, amount, name: p.name ?? (isAbsent(p.from) ? 'all' : `${p.from}-${p.to}`), average: multiplies ? average : null };
      });
      return { parts, quantity: sumOf(parts.map((part) => part.units)), unit: unitOf(measured), inputs: ['readings', ...ofLines(bases)] };
    },
    /** A price for each interval: the input price by the formula of the first stretch that holds its start, between floor and cap; rounded once. */
    interval(component) {
      if (!inputs.slots) throw new Unproven('intervals'); // rated without readings
      if (inputs.unassigned_wh !== 0) throw refuse(`energy at no known time, and '${component.id}' has prices for known times alone`);
      const { formula } = component;
      const stretches = formula.periods ?? [...(formula.add ?? []), {}].map((p) => ({ ...p, multiply: formula.multiply, add: p.value }));
      const steps = stretches.map((p) => ({ isWithin: stretchOf(p), multiply: Fraction.of(p.multiply ?? 1), add: Fraction.of(p.add ?? 0) }));
      const cap = given(formula.cap);
      const floor = given(formula.floor);
      const slots = [...inputs.slots()];
      if (inputs.prices?.length !== slots.length) throw refuse(`no price ${component.external ?? 'w'} of each of the ${slots.length} intervals`);
      // All prices have at most 9 decimals and all formulas too: whole numbers of 10^-18 make one exact sum.
      const fine = (value) => value.n * (10n ** 18n / value.d);
      let [sum, used] = [0n, 0n];
      slots.forEach(({ minute, wh }, i) => {
        let price = Fraction.of(inputs.prices[i]);
        const step = steps.find((candidate) => candidate.isWithin(minute));
        if (step) price = price.times(step.multiply).plus(step.add);
        if (cap !== null) price = smaller(price, cap);
        if (floor !== null) price = larger(price, floor);
        sum += fine(price.reduced()) * wh;
        used += wh;
      });
      const hundredths = ['p/kWh', 'c/kWh', 'paise/kWh'].includes(component.price_unit) ? 100n : 1n;
      return { ...single(new Fraction(used, 1000n), 'kWh', paise(new Fraction(sum, 1000n * 10n ** 18n * hundredths))), inputs: ['readings', 'input:prices'] };
    },
  };

  /** A line with all that it says: of parts {units, rate or null, amount, dates?, name?}. */
  const lineOf = (kind, { id, group, label, sources = [] }, { parts, quantity, unit, inputs: from, points = [] }) => {
    const line = { kind, id, group, label, parts, quantity, unit, inputs: from, amount: sumOf(parts.map((part) => part.amount)) };
    line.rate = parts.length > 0 && parts.every((part) => part.rate !== null && part.rate.compare(parts[0].rate ?? 0) === 0) ? parts[0].rate : null;
    // The sources of a line are its own and those of the points of a series that it used.
    line.sources = points.length === 0 ? sources : [...new Set([...sources, ...points.map((point) => point.source)])];
    line.formula = formulaOf(line);
    return line;
  };
  for (const component of tariff.components) {
    if (!holds(component.when)) continue;
    if (!isAbsent(component.season) && isAbsent(inputs.season)) throw refuse(`no season, which '${component.id}' needs`);
    if (!isAbsent(component.season) && inputs.season !== component.season) continue;
    if (!Object.hasOwn(kinds, component.kind)) throw new Unproven(`tariff component of kind ${component.kind}`);
    lines.set(component.id, lineOf(component.kind, component, kinds[component.kind](component)));
  }

  const components = [...lines.values()];
  if (tariff.minimum) {
    const { per, amount, exclude = [] } = tariff.minimum;
    const floor = paise({ month: m, cycle: Fraction.of(1), day: Fraction.of(days) }[per].times(amount));
    const sum = sumOf(components.filter((one) => !exclude.includes(one.id)).map((one) => one.amount));
    const line = { id: 'minimum', group: 'fixed', label: 'Minimum charge', sources: tariff.sources };
    const from = ofAllLines.filter((_, i) => !exclude.includes(tariff.components[i].id));
    if (sum.compare(floor) < 0) components.push(lineOf('minimum', line, { ...single(sum, tariff.currency, floor.minus(sum)), inputs: from }));
  }
  const gross = sumOf(components.map((one) => one.amount));

  // What the State pays: only percent_capped has a limit. A sum per unit may exceed the bill, which is then below zero.
  // What is left of each line is kept apart, because free units waive lines; what belongs to no one line is in `leftOfBill`.
  const adjustments = [];
  const leftOf = components.map((one) => one.amount);
  let leftOfBill = ZERO;
  const leftInAll = () => sumOf(leftOf).plus(leftOfBill);
  const takeFromEnergy = (amount) => {
    const first = components.findIndex((one) => one.group === 'energy');
    if (first < 0) leftOfBill = leftOfBill.plus(amount);
    else leftOf[first] = leftOf[first].plus(amount);
  };
  /** What the free units of a line of slabs would have cost, less what earlier sums per unit give on them. */
  const slabsOfFree = (component, free) => {
    const earlier = tariff.subsidies.filter((one) => one.form === 'per_unit_blocks' && adjustments.some((line) => line.id === one.id));
    const cost = slabSum(free, tableOf(component), scaleOf(component.per, whole), component.id);
    return cost.minus(sumOf(earlier.map((one) => slabSum(free, { bands: one.blocks, mode: 'telescopic' }, scaleOf('month', whole), one.id))));
  };

  /** What a subsidy of each form gives; it takes that from what is left. */
  const forms = {
    waive_all() {
      const left = leftInAll();
      leftOf.fill(ZERO);
      leftOfBill = ZERO;
      return { ...single(left, tariff.currency, left.negated()), inputs: ofAllLines };
    },
    percent_capped(subsidy) {
      const left = leftInAll();
      const share = paise(left.times(subsidy.percent).over(100));
      const paid = isAbsent(subsidy.cap_per_month) ? share : smaller(share, paise(Fraction.of(subsidy.cap_per_month).times(m)));
      leftOfBill = leftOfBill.minus(paid);
      return { ...single(left, tariff.currency, paid.negated()), inputs: ofAllLines };
    },
    per_unit_blocks(subsidy) {
      const parts = slabParts(kwh, { bands: subsidy.blocks, mode: 'telescopic' }, scaleOf('month', whole), subsidy.id)
        .map((part) => ({ units: part.units, rate: part.rate.negated(), amount: part.amount.negated() }));
      takeFromEnergy(sumOf(parts.map((part) => part.amount)));
      return { parts, quantity: kwh, unit: 'kWh', inputs: ['readings'] };
    },
    free_units(subsidy) {
      const free = Fraction.of(subsidy.units_per_month).times(prorated('free_units'));
      const isWithin = kwh.compare(free) <= 0;
      if (!isWithin && isAbsent(subsidy.when_exceeded)) throw refuse(`no rule of ${subsidy.id} above its free units`);
      /** Within the limit all that is left of a line; above it what the limit's units come to, of a tax or a rate per unit by their share. */
      const waivedOf = (line, left) => {
        if (isWithin) return isAbsent(subsidy.waives_when_within) || subsidy.waives_when_within.includes(line.id) ? left : ZERO;
        if (!Object.hasOwn(subsidy.when_exceeded, line.id) || !subsidy.when_exceeded[line.id].startsWith('only ')) return ZERO;
        if (line.kind === 'blocks') return slabsOfFree(tariff.components.find((one) => one.id === line.id), free);
        return kwh.isZero() ? ZERO : paise(left.times(free).over(kwh));
      };
      const waived = components.map((line, i) => waivedOf(line, leftOf[i]));
      waived.forEach((amount, i) => { leftOf[i] = leftOf[i].minus(amount); });
      return { ...single(isWithin ? kwh : free, 'kWh', sumOf(waived).negated()), inputs: ['readings', ...ofAllLines] };
    },
    consumer_pays_table(subsidy) {
      const pays = slabSum(kwh, tableOf(subsidy), scaleOf('cycle', whole), subsidy.id);
      const paid = pays.minus(sumOf(components.filter((one) => one.group === 'energy').map((one) => one.amount)));
      takeFromEnergy(paid);
      return { ...single(kwh, 'kWh', paid), inputs: ['readings', ...ofAllLines] };
    },
    /** A personal rule: the bill says what it comes to, or leaves it out. */
    entitlement(subsidy) {
      if (!Object.hasOwn(inputs.external, subsidy.id)) return null;
      const paid = external(subsidy.id);
      if (paid.compare(0) < 0) throw refuse(`an amount of ${subsidy.id} of 0 or more`);
      leftOfBill = leftOfBill.minus(paise(paid));
      return { ...single(Fraction.of(1), 'entitlement', paise(paid).negated()), inputs: externals(subsidy.id) };
    },
  };
  const adjust = (kind, one, label, line) => { if (line !== null) adjustments.push(lineOf(kind, { ...one, group: kind, label }, line)); };
  for (const subsidy of tariff.subsidies ?? []) {
    if ((subsidy.valid_from && subsidy.valid_from > inputs.from) || !holds(subsidy.when)) continue;
    if (!Object.hasOwn(forms, subsidy.form)) throw new Unproven(`subsidy of form ${subsidy.form}`);
    adjust('subsidy', subsidy, 'Subsidy', forms[subsidy.form](subsidy));
  }
  const rebates = {
    percent(rebate) {
      const base = sumOf([...components, ...adjustments].filter((line) => rebate.of.includes(line.id)).map((line) => line.amount));
      return { ...single(base, tariff.currency, paise(base.times(rebate.percent).over(100)).negated()), inputs: ofLines(rebate.of) };
    },
    per_unit: (rebate) => ({ ...single(kwh, 'kWh', paise(kwh.times(rebate.rate)).negated(), Fraction.of(rebate.rate).negated()), inputs: ['readings'] }),
    flat: (rebate) => ({ ...single(Fraction.of(1), 'bill', paise(Fraction.of(rebate.amount)).negated()), inputs: [] }),
  };
  for (const rebate of tariff.rebates ?? []) {
    if (rebate.form === 'percent' && rebate.of.includes('recharge')) continue; // given with the recharge, not on the bill
    if (holds(rebate.when)) adjust('rebate', rebate, 'Rebate', rebates[Object.hasOwn(rebates, rebate.form) ? rebate.form : 'flat'](rebate));
  }
  const net = gross.plus(sumOf(adjustments.map((one) => one.amount)));
  const total = net.round(billing.total_rounding.step, billing.total_rounding.mode);
  return { months: m, lines: [...components, ...adjustments], gross, net, rounding: total.minus(net), total };
}

/** A line's computation with its numbers, in the words of proof-format.md. */
function formulaOf(line) {
  const figure = (value) => value.round('0.000001').toDecimal();
  const money = (value) => value.round('0.000001').money();
  const partOf = (part) => {
    if (line.kind === 'percent') return `${part.rate.asGiven()} % of ${money(part.units)} ${line.unit}`;
    if (line.kind === 'fixed') {
      const size = line.unit === 'connection' ? '' : `${line.quantity} ${line.unit} × `;
      return `${size}${part.rate.asGiven()} × ${monthsText(part)} ${part.name ? 'day' : 'month'}${part.units.compare('1') === 0 ? '' : 's'}`;
    }
    if (part.average) return `${figure(part.units)} ${line.unit} × ${figure(part.average)} × (${part.rate.asGiven()} − 1)`;
    if (line.kind === 'interval') return `${figure(part.units)} ${line.unit} at the price of each interval`;
    if (part.rate === null) return `${['kWh', 'bill', 'entitlement'].includes(line.unit) ? figure(part.units) : money(part.units)} ${line.unit}`;
    return `${figure(part.units)} ${line.unit} × ${part.rate.asGiven()}`;
  };
  const parts = line.parts.map((part) => `${part.name ? `${part.name}: ` : ''}${partOf(part)} = ${part.amount.money()}`);
  if (parts.length === 0) return `nothing to charge = ${line.amount.money()}`;
  return parts.length === 1 ? parts[0] : `${parts.join('; ')}; sum = ${line.amount.money()}`;
}

/** Six days of June are 6/30 months, not 1/5: the figures of the calendar are kept, and months that were printed stand as they are. */
function monthsText(part) {
  if (part.units.given !== null) return part.units.toDecimal();
  const ofMonth = part.dates ? [part.dates.length, daysInMonth(part.dates[0])] : [0, 0];
  return ofMonth[0] < ofMonth[1] && part.units.compare(ofMonth.join('/')) === 0 ? ofMonth.join('/') : part.units.toLowestTerms();
}

// ---------------------------------------------------------------------------------------------------------------- the check

/** Places after the lines, in the order in which they are told; a line whose amounts hold comes last. */
const PLACES = [['gross', 'net', 'rounding', 'total'], ['readings'], ['tariff', 'series'], ['commitment'], ['inclusion'], ['log-signature'], ['witness']];
const rankOf = ({ line, inWords }) => (inWords ? PLACES.length + 1 : PLACES.findIndex((some) => some.includes(line.split('/')[0])) + 1);

/** Which of the three files some octets are: `proof`, `evidence` or, whatever else they are, `bill`. Members that are too many do not change it. */
export function kindOf(octets) {
  const text = new TextDecoder('latin1').decode(octets);
  if (text.startsWith('c2sp.org/tlog-proof')) return 'proof';
  return text.startsWith('{"batches"') || text.includes('"type":"praman-evidence/1"') ? 'evidence' : 'bill';
}

/**
 * Checks one bill.
 * @param bill Uint8Array of bill.json. @param proof Uint8Array or text of bill.tlog-proof, or null. @param evidence Uint8Array of bill.evidence.json, or null.
 * @param keys verifier keys as text, of the log and of witnesses. @param witnesses how many cosignatures are asked for.
 * @returns the verdict, as docs/reference/proof-format.md gives it. Throws Unreadable where a file is not what it should be.
 */
export async function verifyBill({ bill, proof = null, evidence = null, keys = [], witnesses = 1 }) {
  const given = parseCanonical(bill, 'bill.json');
  const short = given !== null && typeof given === 'object' && Object.keys(given).sort()[2] === 'lines'; // where the long form has its gate
  members(given, 'bill.json: ', short ? shortShape : billShape, short ? {} : revisionShape);
  const b = given.reverses === undefined ? given : reversedBy(given); // what is logged is the reversal, what is checked the bill that it was
  const p = proof === null ? null : parseProof(proof);
  let e = null;
  if (evidence !== null) {
    e = parseCanonical(evidence, 'bill.evidence.json');
    members(e, 'bill.evidence.json: ', evidenceShape, { erased: date });
    // All salts are there, or all are gone and the file says since when.
    const wrong = e.blocks.findIndex((one) => (one.salt === '') !== (e.erased !== undefined));
    if (wrong >= 0) throw new Unreadable(`bill.evidence.json: blocks[${wrong}].salt`, e.erased === undefined ? '32 octets' : 'nothing: the salts of this file were erased');
  }
  const known = await Promise.all(keys.map((key) => parseKey(key.trim())));
  const missing = [];
  const checks = [];
  const differences = [];
  const step = async (number, name, work) => {
    const { ok = null, detail } = await work().then((said) => (said instanceof NotRun ? said : { ok: true, detail: said }), (error) => {
      if (error instanceof Different) {
        differences.push(error);
        return { ok: false, detail: `${error.line}: computed ${error.ours}, found ${error.theirs}` };
      }
      if (!(error instanceof Unproven)) throw error;
      missing.push(error.missing);
      return { detail: `missing: ${error.missing}` };
    });
    checks.push({ step: number, name, ok, detail });
    return ok === true;
  };
  if (p === null) missing.push('bill.tlog-proof');
  const erased = e?.erased === undefined ? null : `the salts were erased on ${e.erased}`;
  if (p !== null && p.salt === null && erased === null) missing.push('salt');
  if (e === null || short) missing.push(short ? 'inputs' : 'bill.evidence.json');
  if (erased !== null && !short) missing.push('erased salts'); // it cannot be proved any more
  if (!(b.period.from <= b.period.to) || dayNumber(b.period.to) - dayNumber(b.period.from) >= 3660) throw new Unreadable('bill.json: period.to', 'a period of 1 to 3660 days');
  e?.blocks.forEach((one, i) => { if (one.batch >= e.batches.length) throw new Unreadable(`bill.evidence.json: blocks[${i}].batch`, 'a batch of the file'); });

  if (p !== null) {
    await step(3, 'inclusion', async () => {
      if (p.salt === null) return erased === null ? new NotRun() : new NotRun(`not checked: ${erased}`);
      const leaf = await logEntryLeaf('bill', await hmacSha256(p.salt, bill));
      // The commitment and the inclusion are one hash chain: a changed bill ends in another root. Which of the two broke shows from the rest.
      if (!(await includes(p.index, p.size, leaf, p.path, p.root))) throw new Different('commitment', 'the octets that were logged', 'other octets, salt or path');
      return `entry ${p.index} of ${p.size}`;
    });
    await step(4, 'signatures', () => checkSignatures(p, known, witnesses, missing));
  }
  // A bill that is not the logged one may have another number for that: its evidence is of another bill only where the commitment does not differ.
  if (e !== null && e.bill_no !== given.bill_no && !differences.some((one) => one.line === 'commitment')) {
    throw new Unreadable('bill.evidence.json: bill_no', `the evidence of bill "${given.bill_no}", not of "${e.bill_no}"`);
  }

  const sum = (items) => items.reduce((total, item) => total + BigInt(item.paise), 0n);
  const whole = (place, ours, theirs) => { if (ours !== BigInt(theirs)) throw new Different(place, ours, theirs, b.currency); };
  if (short || e === null) {
    await step(7, 'amounts', async () => {
      for (const line of b.lines) if (line.parts?.length > 0) whole(line.id, sum(line.parts), line.paise);
      if (!short) whole('net', sum(b.lines), b.net_paise);
      whole('total', sum(b.lines) + BigInt(b.rounding_paise ?? 0), b.total_paise);
      return `${short ? 'the lines sum to the total' : 'parts, lines and total add up'}; nothing to recompute them from`;
    });
  }

  if (e !== null && !short) {
    const tariffHolds = await step(5, 'tariff', () => checkTariff(b, e, logged));
    const before = differences.length;
    await step(6, 'readings', async () => {
      const said = await checkReadings(b, e, logged);
      return erased === null ? said : new NotRun(`not proven: ${erased}; ${said}`);
    });
    const readingsHold = differences.length === before;
    if (tariffHolds) await step(7, 'amounts', async () => compareAmounts(b, e, readingsHold));
  }

  if (b.revises !== undefined) {
    await step(7, 'revision', async () => {
      const total = sum(b.revises.lines) + BigInt(b.revises.rounding_paise);
      const difference = BigInt(b.total_paise) - total;
      whole('revises/total_paise', total, b.revises.total_paise);
      whole('revises/difference_paise', difference, b.revises.difference_paise);
      return `in the place of bill ${b.revises.bill_no}, ${difference} paise more`;
    });
  }
  if (given.reverses !== undefined) {
    await step(7, 'reversal', async () => {
      const digest = toHex(await sha256(utf8.encode(printCanonical(b, 'bill.json: ', 0))));
      if (digest !== given.reverses.sha256) throw new Different('reverses/sha256', digest, given.reverses.sha256);
      return `takes back bill ${given.reverses.bill_no} in full`;
    });
  }

  /** That a commitment stands in the log before the bill; without the proof there is no log to ask. */
  async function logged(place, kind, commitment, at) {
    if (p === null) return;
    if (e.tree_size !== p.size) throw new Different('inclusion', `tree size ${p.size}`, e.tree_size);
    if (at.index >= p.index) throw new Different(place, `an entry before the bill's ${p.index}`, at.index);
    const leaf = await logEntryLeaf(kind, commitment);
    if (!(await includes(at.index, p.size, leaf, pathOf(at.path, place), p.root))) throw new Different(place, 'an entry in the log', 'none');
  }
  const [first] = differences.sort((x, y) => rankOf(x) - rankOf(y));
  const verdict = {
    bill_no: given.bill_no,
    verdict: first ? 'DIFFERENT' : missing.length > 0 ? 'UNPROVEN' : isMeasured(b.readings) ? 'VALID' : 'VALID_WITH_ESTIMATES',
    missing,
    estimated: { intervals: b.readings.estimated_intervals ?? 0, wh: b.readings.estimated_wh ?? 0 },
    edited: { intervals: b.readings.edited_intervals ?? 0, registers: b.readings.edited_registers ?? 0 },
    checks,
    total_paise: given.total_paise,
  };
  if (first) Object.assign(verdict, { line: first.line, ours: first.ours, theirs: first.theirs, ...(first.unit ? { unit: first.unit } : {}) });
  return verdict;
}

/** Whether all energy is given to an hour by a meter, and a register stands behind it. */
const isMeasured = (readings) => readings.segments?.length > 0
  && ['estimated_intervals', 'edited_intervals', 'edited_registers', 'unassigned_wh'].every((count) => readings[count] === 0);

async function checkTariff(b, e, logged) {
  const { object, entry: at } = e.tariff;
  const digest = await sha256(utf8.encode(printCanonical(object, 'tariff', 0)));
  if (object.id !== b.tariff.id || toHex(digest) !== b.tariff.sha256) throw new Different('tariff', toHex(digest), b.tariff.sha256);
  await logged('tariff', 'tariff', digest, at);
  const { valid_from: from, valid_to: to } = object;
  const isInForce = isDate(String(from)) && from <= b.period.from && (isAbsent(to) || to >= b.period.to);
  if (!isInForce) throw new Different('tariff', 'a tariff in force in the whole period', `${from} to ${to ?? 'open'}`);
  const named = new Map(b.series.map((one) => [one.id, one.sha256]));
  for (const series of e.series) {
    const hash = await sha256(utf8.encode(`${series.id}\n${printCanonical(series.object, `series ${series.id}`, 0)}`));
    if (named.get(series.id) !== toHex(hash)) throw new Different(`series/${series.id}`, toHex(hash), named.get(series.id) ?? 'no such series on the bill');
    await logged(`series/${series.id}`, 'tariff-series', hash, series.entry);
    named.delete(series.id);
  }
  if (named.size > 0) throw new Unproven(`series ${[...named.keys()][0]}`);
  return `${b.tariff.id}${b.series.length > 0 ? ` with ${b.series.map((one) => one.id).join(', ')}` : ''}`;
}

async function checkReadings(b, e, logged) {
  const readings = b.readings;
  const formatter = zoneFormatter(b.time_zone);
  const minutesOf = (iso) => Date.parse(iso) / 60000;

  // Each block stands in its night's tree, and that tree's head in the log before the bill.
  const heads = [];
  for (const batch of e.batches) {
    const head = utf8.encode(`praman-batch/1\n${batch.date}\n${batch.size}\n${batch.root}\n`);
    await logged(`readings/batch ${batch.date}`, 'meter-day-root', await sha256(head), batch.entry);
    heads.push({ size: batch.size, root: hash32(batch.root, 'root of a batch') });
  }
  const blocks = [];
  const leaves = [];
  for (const [i, one] of e.blocks.entries()) {
    const where = `bill.evidence.json: blocks[${i}].bytes`;
    const octets = fromBase64(one.bytes, where);
    const block = decodeBlock(octets, where);
    const day = localDay(block.startMinutes, formatter);
    const segment = Math.max(0, (i - e.blocks.length + 2 * readings.segments.length) >> 1);
    const place = `readings/${block.type < 0x20 ? day.date : `segments[${segment}]`}`;
    if (e.erased === undefined) {
      const head = heads[one.batch];
      const leaf = await leafHash(await hmacSha256(hash32(one.salt, `blocks[${i}].salt`), octets));
      const isLogged = head && await includes(one.index, head.size, leaf, pathOf(one.path, `blocks[${i}]`), head.root);
      if (!isLogged) throw new Different(place, 'the block that was logged', 'another');
      leaves.push(leaf);
    }
    if (block.usagePoint !== BigInt(b.usage_point.slice(3))) throw new Different(place, b.usage_point, `UP-${block.usagePoint}`);
    blocks.push({ ...block, place, day });
  }

  // One block a local day, without gap or overlap, every interval billable.
  const intervals = blocks.filter((block) => block.type < 0x20);
  let day = dayNumber(b.period.from);
  let [counted, estimated, edited] = [0, 0, 0];
  let [energy, estimatedEnergy] = [0n, 0n];
  for (const [i, block] of intervals.entries()) {
    if (block.type !== 1) throw new Different(block.place, 'import energy', `type ${block.type}`);
    const isOther = block.day.date < b.period.from || block.day.date > b.period.to;
    if (isOther || isoOf(day) > b.period.to) throw new Different(block.place, 'a block for each day of the period, and no other', 'one more');
    if (!block.day.midnight || block.day.date !== isoOf(day)) throw new Different(`readings/${isoOf(day)}`, 'a block from midnight', 'none');
    const end = localDay(block.startMinutes + block.intervalMinutes * block.count, formatter);
    if (!end.midnight || end.date !== isoOf(day + 1)) throw new Different(block.place, 'a block to midnight', `${block.count} × ${block.intervalMinutes} min`);
    if (block.scaler !== 0) throw new Different(block.place, 'whole Wh', `scaler ${block.scaler}`);
    if (blocks[i] !== block) throw new Different(block.place, 'interval blocks first', 'another order');
    for (let n = 0; n < block.count; n++) {
      const state = block.states[n];
      if (UNBILLABLE_STATES.has(state)) throw new Different(block.place, 'a billable state', `state ${state} in interval ${n + 1}`);
      energy += block.values[n];
      counted++;
      if (isByPerson(state)) edited++;
      if (!isEstimated(state)) continue;
      estimated++;
      estimatedEnergy += block.values[n];
    }
    day++;
  }
  if (isoOf(day - 1) !== b.period.to) throw new Different(`readings/${isoOf(day)}`, 'a block for each day of the period', 'none');
  const whole = (place, ours, theirs) => { if (BigInt(ours) !== BigInt(theirs)) throw new Different(`readings/${place}`, ours, theirs); };
  whole('intervals', counted, readings.intervals);
  whole('estimated_intervals', estimated, readings.estimated_intervals);
  whole('estimated_wh', estimatedEnergy, readings.estimated_wh);
  whole('edited_intervals', edited, readings.edited_intervals);
  whole('edited_registers', blocks.filter((block) => block.type >= 0x20).flatMap((block) => block.states.filter(isByPerson)).length, readings.edited_registers);

  // Each meter's part: two proven registers whose difference, times its multiplier, is its energy; the parts join from midnight to midnight.
  const registers = blocks.slice(intervals.length);
  if (registers.length !== 2 * readings.segments.length) throw new Different('readings/segments', `${registers.length} register blocks`, `${readings.segments.length} segments`);
  let sum = 0n;
  let at = intervals[0]?.startMinutes;
  for (const [i, segment] of readings.segments.entries()) {
    const place = `segments[${i}]`;
    const [opening, closing] = registers.slice(2 * i, 2 * i + 2);
    const sound = (block) => block.count === 1 && block.scaler === 0 && block.intervalMinutes === 0 && REGISTER_STATES.has(block.states[0]);
    if (!sound(opening) || !sound(closing)) throw new Different(`readings/${place}`, 'a measured register', 'another block');
    // Between two parts the meter was exchanged; else one part runs from midnight to midnight.
    const isEnd = (type, atExchange, isOuter) => type === atExchange || (isOuter && type === 0x21);
    if (!isEnd(opening.type, 0x61, i === 0)) throw new Different(`readings/${place}`, 'a register at midnight or installation', 'another type');
    if (!isEnd(closing.type, 0x41, i === readings.segments.length - 1)) throw new Different(`readings/${place}`, 'a register at midnight or removal', 'another type');
    whole(place, opening.values[0], segment.opening);
    whole(place, closing.values[0], segment.closing);
    const isTimed = opening.startMinutes === minutesOf(segment.opening_at) && closing.startMinutes === minutesOf(segment.closing_at);
    if (!isTimed) throw new Different(`readings/${place}`, 'the times of its registers', `${segment.opening_at} to ${segment.closing_at}`);
    if (i === 0 ? opening.startMinutes !== at : opening.startMinutes < at) throw new Different(`readings/${place}`, 'a part that joins the one before', segment.opening_at);
    if (closing.startMinutes <= opening.startMinutes) throw new Different(`readings/${place}`, 'a closing after its opening', segment.closing_at);
    at = closing.startMinutes;
    let used = BigInt(segment.closing) - BigInt(segment.opening);
    if (used < 0n) used += 1000n * 10n ** BigInt(segment.digits);
    used *= BigInt(segment.multiplier);
    whole(place, used, segment.energy_wh);
    sum += used;
  }
  const isToEnd = readings.segments.length === 0 || at === intervals.at(-1).startMinutes + intervals.at(-1).intervalMinutes * intervals.at(-1).count;
  if (!isToEnd) throw new Different('readings/segments', 'registers to the end of the period', 'an earlier end');
  whole('energy_wh', readings.segments.length > 0 ? sum : energy, readings.energy_wh);
  whole('unassigned_wh', BigInt(readings.energy_wh) - energy, readings.unassigned_wh);
  const most = readings.segments.reduce((all, segment) => all + UNASSIGNED_MAX * segment.multiplier, 0);
  if (Math.abs(readings.unassigned_wh) > most) throw new Different('readings/unassigned_wh', `at most ${most} Wh`, readings.unassigned_wh);
  const digest = e.erased === undefined ? toHex(await sha256(concat(...leaves))) : readings.sha256; // without salts there are no leaves to hash
  if (digest !== readings.sha256) throw new Different('readings/sha256', digest, readings.sha256);
  e.dayBlocks = intervals;
  const byPersons = readings.edited_intervals + readings.edited_registers === 0 ? ''
    : `; entered or accepted by a person: ${howMany(readings.edited_intervals, 'interval')}, ${howMany(readings.edited_registers, 'register')}`;
  const meters = readings.segments.length === 0 ? 'no register' : howMany(readings.segments.length, 'meter');
  return `${howMany(intervals.length, 'day')}, ${howMany(counted, 'interval')}, ${meters}, ${readings.energy_wh} Wh${byPersons}`;
}

/** Each interval of the day blocks: local date, minute of the day at which it starts, Wh. */
function* slotsOf(blocks, formatter) {
  for (const block of blocks) {
    const isPlain = block.intervalMinutes * block.count === 1440; // no clock was changed: the minutes count up from midnight
    for (let n = 0; n < block.count; n++) {
      const minute = n * block.intervalMinutes;
      yield { date: block.day.date, minute: isPlain ? minute : clockOf(block.startMinutes + minute, formatter).minute, wh: block.values[n] };
    }
  }
}

function compareAmounts(b, e, readingsHold) {
  const tariff = e.tariff.object;
  if (!readingsHold && goesByTime(tariff)) return new NotRun('not checked: prices go by the time of day, and the readings do not hold');
  const slots = () => slotsOf(e.dayBlocks, zoneFormatter(b.time_zone));
  const kwh = new Fraction(BigInt(b.readings.energy_wh), 1000n);
  const inputs = { ...b.inputs, ...b.period, issued: b.issued, slots, kwh, unassigned_wh: b.readings.unassigned_wh };
  const used = seriesOf(tariff).join(',');
  const listed = b.series.map((one) => one.id).join(',');
  if (used !== listed) throw new Different('series/' + (used || listed), used, listed);
  const rated = rate(tariff, Object.fromEntries(e.series.map((one) => [one.id, one.object])), inputs);
  const whole = (place, ours, theirs) => {
    const amount = ours.hundredths();
    if (amount === null || amount !== BigInt(theirs)) throw new Different(place, amount ?? ours.times(100), theirs, amount === null ? null : b.currency);
  };
  for (const [i, ours] of rated.lines.entries()) {
    const theirs = b.lines[i];
    if (theirs === undefined) throw new Different(ours.id, ours.amount.money(), 'no such line');
    if (theirs.id !== ours.id || theirs.group !== ours.group) throw new Different(theirs.id, `${ours.id} (${ours.group})`, `${theirs.id} (${theirs.group})`);
    if (theirs.label !== ours.label) throw new Different(ours.id, ours.label, theirs.label);
    whole(ours.id, ours.amount, theirs.paise);
    for (const [n, part] of ours.parts.entries()) {
      const other = theirs.parts[n];
      const place = `${ours.id}.parts[${n}]`;
      if (other === undefined) throw new Different(place, part.amount.money(), 'no such part');
      whole(place, part.amount, other.paise);
      if (!isRate(part.rate, other.rate)) throw new Different(place, part.rate?.asGiven() ?? '', other.rate);
      if (!isValue(part.units, other.units)) throw new Different(place, part.units, other.units);
    }
    if (theirs.parts.length !== ours.parts.length) throw new Different(ours.id, `${ours.parts.length} parts`, theirs.parts.length);
  }
  if (b.lines.length > rated.lines.length) throw new Different(b.lines[rated.lines.length].id, 'no such line', b.lines[rated.lines.length].paise);
  for (const sum of ['gross', 'net', 'rounding', 'total']) whole(sum, rated[sum], b[`${sum}_paise`]);
  for (const [i, ours] of rated.lines.entries()) compareWords(ours, b.lines[i]);
  if (tariff.currency !== b.currency) throw new Different('currency', tariff.currency, b.currency, null, true);
  return `${howMany(rated.lines.length, 'line')}, total ${b.currency} ${rated.total.money()}`;
}

/** What a line says beside its amounts: checked last, because a word that is not the logged one is found by the commitment first. */
function compareWords(ours, theirs) {
  const differs = (one, other) => new Different(ours.id, one, other, null, true);
  if (!isValue(ours.quantity, theirs.quantity)) throw differs(ours.quantity, theirs.quantity);
  if (!isRate(ours.rate, theirs.rate)) throw differs(ours.rate?.asGiven() ?? '', theirs.rate);
  if (theirs.unit !== ours.unit) throw differs(ours.unit, theirs.unit);
  // Bills were made before one month was written without its s; they stay right.
  const asBefore = ours.formula.replace(/ (month|day) = /g, ' $1s = ');
  if (![ours.formula, asBefore].includes(theirs.formula)) throw differs(ours.formula, theirs.formula);
  for (const names of ['sources', 'inputs']) {
    if (JSON.stringify(ours[names]) !== JSON.stringify(theirs[names])) throw differs(ours[names].join(', '), theirs[names].join(', '));
  }
}

/** Whether a text has this value, however it is written; one of more digits than the engine ever writes has not. */
function isValue(value, text) {
  const [number, whole] = text.split('/');
  if (text === '' || text.length > 64 || number.replace(/\D/g, '').length > 28 || (whole !== undefined && BigInt(whole) >= 1n << 63n)) return false;
  return value.compare(text) === 0;
}

const isRate = (rate, text) => (rate === null ? text === '' : isValue(rate, text));

// ---------------------------------------------------------------------------------------------------------------- command line (Node)

/** Reads many bills, one JSON document a line: {"bill","proof","evidence"} in base64; a verdict a line comes out. For comparing verifiers in bulk. */
async function batch(keys, witnesses) {
  const { createInterface } = await import('node:readline');
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const files = JSON.parse(line);
    const octets = (name) => (files[name] === undefined ? null : new Uint8Array(Buffer.from(files[name], 'base64')));
    const verdict = await verifyBill({ bill: octets('bill'), proof: octets('proof'), evidence: octets('evidence'), keys, witnesses }).catch((error) => {
      if (!(error instanceof Unreadable)) throw error;
      return { verdict: 'UNREADABLE', file: error.file, place: error.place, error: error.message };
    });
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
  }
}

/** A verdict as it stands on the screen, line for line as `praman verify` writes it. */
function textOf(verdict) {
  const lines = [`${verdict.verdict}  bill ${verdict.bill_no}, total ${new Fraction(BigInt(verdict.total_paise), 100n).money()}`];
  for (const one of verdict.checks) lines.push(`  ${one.ok === null ? '?' : one.ok ? '✓' : '✗'} ${one.name}: ${one.detail}`);
  if (verdict.estimated.intervals > 0) lines.push(`  estimated: ${howMany(verdict.estimated.intervals, 'interval')}, ${verdict.estimated.wh} Wh`);
  const { intervals, registers } = verdict.edited;
  if (intervals + registers > 0) lines.push(`  entered or accepted by a person: ${howMany(intervals, 'interval')}, ${howMany(registers, 'register')}`);
  if (verdict.line !== undefined) lines.push(`  differs at ${verdict.line}: computed ${verdict.ours}, the files say ${verdict.theirs}`);
  for (const what of verdict.missing) lines.push(`  missing: ${what}`);
  return `${lines.join('\n')}\n`;
}

/** Arguments that cannot be followed: one line that says what was expected. */
class Refused extends Error {}

const USUAL_NAMES = { bill: 'bill.json', proof: 'bill.tlog-proof', evidence: 'bill.evidence.json' };
const KEY_FILE_MAX = 1 << 20;
const WITNESSES_MAX = 1000;
const USAGE = `praman-verifier: checks a bill from its files alone, offline (docs/reference/proof-format.md).

  node praman-verifier.mjs FILE… --log-key KEYS [--witnesses N] [--json]

  FILE            bill.json, bill.tlog-proof and bill.evidence.json in any order (told apart by what is in them), or a folder that holds them.
  --log-key KEYS  A public key of the log or of a witness (name+id+base64), or a file with one a line. May stand several times.
  --witnesses N   Witnesses that must have cosigned, 0 to ${WITNESSES_MAX}; 1 unless given.
  --json          One JSON object instead of text.
  --batch         Bills from standard input instead, a line each: {"bill","proof","evidence"} in base64; a verdict a line.
  --help          This text.

Exit code 0: the bill is valid. 1: it differs, or is not proven. 2: a file, a key or an option cannot be read.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' }, batch: { type: 'boolean' }, 'log-key': { type: 'string', multiple: true }, witnesses: { type: 'string' },
};

/** What the arguments ask for; one that cannot be followed is refused with what was expected. */
async function readArguments(args) {
  const { parseArgs } = await import('node:util');
  const { values, positionals: files, tokens } = parseArgs({ args, options: OPTIONS, strict: false, allowPositionals: true, tokens: true });
  const unknown = tokens.find((token) => token.kind === 'option' && !Object.hasOwn(OPTIONS, token.name));
  if (unknown) throw new Refused(`${unknown.rawName}: no such option; FILE…, --log-key KEYS, --witnesses N, --json, --batch and --help are known`);
  const { 'log-key': keys = [], witnesses = '1' } = values;
  if (!keys.every((key) => typeof key === 'string' && key !== '')) throw new Refused('--log-key: a key, or a file of keys, is expected');
  if (!/^\d{1,4}$/.test(witnesses) || Number(witnesses) > WITNESSES_MAX) throw new Refused(`--witnesses: a number from 0 to ${WITNESSES_MAX} is expected`);
  return { ...values, files, keys, witnesses: Number(witnesses) };
}

/** The octets of a file; the reason why not, with its path as it was given. */
function readGiven(path, lengthMax, expected) {
  const found = fs.statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Refused(`${path}: no such file; ${expected} expected`);
  if (found.size > lengthMax) throw new Refused(`${path}: more than ${lengthMax} octets; ${expected} expected`);
  try {
    return new Uint8Array(fs.readFileSync(path));
  } catch (error) {
    throw new Refused(`${path}: cannot be read (${error.code}); ${expected} expected`);
  }
}

/** Keys that were given as such or in a file, with the line where one is at fault. */
async function readKeys(given) {
  const isFile = fs.existsSync(given);
  const lines = isFile ? new TextDecoder().decode(readGiven(given, KEY_FILE_MAX, 'a file of keys, one a line, is')).split('\n') : [given];
  const keys = [];
  for (const [i, line] of lines.entries()) {
    const key = line.trim();
    if (isFile && (key === '' || key.startsWith('#'))) continue;
    await parseKey(key).catch((error) => {
      const place = isFile ? `${given}: line ${i + 1}` : `"${given}" (no such file, and no key)`;
      throw new Refused(`--log-key: ${place}: expected ${error.expected ?? error.message}`);
    });
    keys.push(key);
  }
  return keys;
}

async function main(args) {
  const { join } = await import('node:path');
  const { files, keys: givenKeys, witnesses, json, batch: many, help } = await readArguments(args);
  if (help) return void process.stdout.write(USAGE);
  const keys = [];
  for (const one of givenKeys) keys.push(...await readKeys(one));
  if (many) return batch(keys, witnesses);
  if (files.length === 0) throw new Refused('no file is given; bill.json, bill.tlog-proof and bill.evidence.json are expected (--help tells more)');
  const given = {};
  const names = {}; // as they were given, by usual name
  const isFolder = (path) => fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const inFolder = (path) => Object.values(USUAL_NAMES).map((name) => join(path, name)).filter((one) => fs.existsSync(one));
  for (const file of files.flatMap((path) => (isFolder(path) ? inFolder(path) : [path]))) {
    const octets = readGiven(file, FILE_MAX, 'bill.json, bill.tlog-proof and bill.evidence.json are');
    const kind = kindOf(octets);
    if (Object.hasOwn(given, kind)) throw new Refused(`${file}: a second ${USUAL_NAMES[kind]}; the files of one bill are expected`);
    given[kind] = octets;
    names[USUAL_NAMES[kind]] = file;
  }
  if (!given.bill) throw new Refused('no bill.json is among the files');
  const verdict = await verifyBill({ ...given, keys, witnesses }).catch((error) => {
    throw error instanceof Unreadable ? new Refused(error.textFor(names)) : error;
  });
  process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : textOf(verdict));
  process.exitCode = verdict.verdict.startsWith('VALID') ? 0 : 1;
}

if (isNode && process.argv[1] && import.meta.url === new URL(`file://${fs.realpathSync(process.argv[1])}`).href) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`praman-verifier: ${error.message}\n`);
    process.exitCode = 2;
  });
}
