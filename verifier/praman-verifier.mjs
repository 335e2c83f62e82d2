// Praman's second verifier: checks a bill from its three files alone, in a browser or in Node.
// It is written from docs/reference/proof-format.md, interval-block.md and tariff-format.md and shares no code with src/.
// Exact arithmetic on BigInt fractions; hashes and signatures by Web Crypto or Node's crypto. Licence: Apache-2.0.
//
//   import { verifyBill } from './praman-verifier.mjs';
//   const verdict = await verifyBill({ bill, proof, evidence, keys: ['name+hash+key', …], witnesses: 1 });
//
//   node praman-verifier.mjs bill.json bill.tlog-proof bill.evidence.json --log-key keys.txt [--witnesses 1] [--json]     (--help tells more)

// ---------------------------------------------------------------------------------------------------------------- crypto and octets

const isNode = typeof process !== 'undefined' && !!process.versions?.node;
const nodeCrypto = isNode ? await import('node:crypto') : null;
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

/** True, false, or null where this browser has no Ed25519. */
async function ed25519Verify(publicKey, message, signature) {
  if (nodeCrypto) {
    const spki = concat(fromHex('302a300506032b6570032100'), publicKey);
    const key = nodeCrypto.createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return nodeCrypto.verify(null, message, key, signature);
  }
  let key;
  try {
    key = await crypto.subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify']);
  } catch {
    return null;
  }
  return crypto.subtle.verify({ name: 'Ed25519' }, key, signature, message);
}

/** A number and what it counts: `1 line`, `2 lines`. */
function howMany(count, one, many = `${one}s`) {
  return `${count} ${Number(count) === 1 ? one : many}`;
}

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sameOctets(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const toHex = (octets) => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');

function fromHex(text) {
  const octets = new Uint8Array(text.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = parseInt(text.substr(i * 2, 2), 16);
  return octets;
}

const toBase64 = (octets) => (isNode ? Buffer.from(octets).toString('base64') : btoa(String.fromCharCode(...octets)));

/** Strict base64: padded, standard alphabet, no stray bits; otherwise Unreadable. */
function fromBase64(text, where) {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Unreadable(where, 'padded base64');
  let octets;
  if (isNode) octets = new Uint8Array(Buffer.from(text, 'base64'));
  else octets = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const last = text.slice(-4); // stray bits can be in the last group only
  if (toBase64(octets.slice(octets.length - (3 - (last.match(/=/g) ?? []).length))) !== last) throw new Unreadable(where, 'base64 in its only form');
  return octets;
}

function hash32(text, where) {
  const octets = fromBase64(text, where);
  if (octets.length !== 32) throw new Unreadable(where, '32 octets');
  return octets;
}

// ---------------------------------------------------------------------------------------------------------------- outcomes

/** A file that is not what it should be: which (by its usual name), the place in it where one is at fault, and what was expected. */
export class Unreadable extends Error {
  /** @param where `bill.json: ` and the path of a member, such as `lines[0].label`. */
  constructor(where, expected) {
    const cut = where.indexOf(': ');
    const file = cut < 0 ? where : where.slice(0, cut);
    const place = cut < 0 ? '' : where.slice(cut + 2);
    super(`${file}: ${place === '' ? '' : `${place}: `}expected ${expected}`);
    this.file = file;
    this.place = place;
    this.expected = expected;
  }

  /** Whether it is a key that cannot be read, and no file. */
  get isOfKey() {
    return this.file === 'key';
  }

  /** The same with the name under which the file was given: `names` by usual name. */
  textFor(names) {
    return `${names[this.file] ?? this.file}${this.message.slice(this.file.length)}`;
  }
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
  } catch (error) {
    throw new Unreadable(file, `JSON in UTF-8 (${error.message.replace(/\s+/g, ' ')})`); // the engine quotes the text, line ends and all
  }
  if (printCanonical(value, `${file}: `, 0) !== text) throw new Unreadable(file, 'canonical JSON: sorted keys once each, no white space, integers and strings');
  return value;
}

function printCanonical(value, where, depth) {
  if (depth > DEPTH_MAX) throw new Unreadable(where, `at most ${DEPTH_MAX} levels`);
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new Unreadable(where, 'whole numbers within 2^53');
    return String(value);
  }
  if (typeof value === 'string') return printString(value, where);
  if (Array.isArray(value)) return `[${value.map((item, i) => printCanonical(item, `${where}[${i}]`, depth + 1)).join(',')}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${printString(key, where)}:${printCanonical(value[key], inside(where, key), depth + 1)}`).join(',')}}`;
}

function printString(value, where) {
  if (/\p{Surrogate}/u.test(value)) throw new Unreadable(where, 'whole characters, no half of a surrogate pair');
  return JSON.stringify(value);
}

/**
 * Checks that an object has exactly these members, each passing its test, in the order of the file: the first that is unknown or missing is named itself.
 * Those of `optional` may be missing.
 */
function members(value, where, tests, optional = null) {
  anyObject(value, where);
  const found = Object.keys(value).sort();
  if (optional !== null) tests = { ...tests, ...Object.fromEntries(Object.entries(optional).filter(([key]) => Object.hasOwn(value, key))) };
  for (const [i, key] of keysOf(tests).entries()) {
    if (found[i] !== key) {
      if (i < found.length && found[i] < key) throw new Unreadable(inside(where, found[i]), `no such member, but ${key}`);
      throw new Unreadable(inside(where, key), 'this member, which is missing');
    }
    tests[key](value[key], inside(where, key));
  }
  const known = keysOf(tests).length;
  if (found.length > known) throw new Unreadable(inside(where, found[known]), 'no such member');
}

const sortedKeys = new WeakMap();

function keysOf(tests) {
  if (!sortedKeys.has(tests)) sortedKeys.set(tests, Object.keys(tests).sort());
  return sortedKeys.get(tests);
}

function anyObject(value, where) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Unreadable(where, 'an object');
}

const check = (expected, holds) => (value, where) => {
  if (!holds(value)) throw new Unreadable(where, expected);
};
const text = check('a string', (v) => typeof v === 'string');
const integer = check('a whole number', (v) => Number.isSafeInteger(v));
const natural = check('a whole number from 0', (v) => Number.isSafeInteger(v) && v >= 0);
const date = check('a date YYYY-MM-DD', (v) => typeof v === 'string' && isDate(v));
const instant = check('an instant in UTC, YYYY-MM-DDThh:mm:ssZ', (v) => typeof v === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(v) && isInstant(v));
const hexHash = check('64 lower-case hex digits', (v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v));
const decimal = check('a decimal number as a string', (v) => typeof v === 'string' && /^-?\d+(\.\d+)?$/.test(v));
const number = check('a decimal such as "3.05", at most 12 digits before and 9 after the point', (v) => typeof v === 'string' && /^-?\d{1,12}(\.\d{1,9})?$/.test(v));
const decimalOrEmpty = check('a decimal number as a string, or an empty one', (v) => typeof v === 'string' && /^(-?\d+(\.\d+)?)?$/.test(v));
const oneOf = (...options) => check(options.join(' or '), (v) => options.includes(v));
const exact = check('a decimal number, or decimal/whole, as a string', (v) => typeof v === 'string' && /^(-?\d+(\.\d+)?(\/[1-9]\d*)?)?$/.test(v));
const object = (tests, optional = null) => (value, where) => members(value, where, tests, optional);
const amount = check('a decimal of 0 or more, at most 12 digits before and 9 after the point', (v) => typeof v === 'string' && /^\d{1,12}(\.\d{1,9})?$/.test(v));
const amountAboveZero = check('a decimal above 0, at most 12 digits before and 9 after the point', (v) => typeof v === 'string' && /^\d{1,12}(\.\d{1,9})?$/.test(v) && /[1-9]/.test(v));
const list = (test, max = 100000) => (value, where) => {
  if (!Array.isArray(value) || value.length > max) throw new Unreadable(where, `an array of at most ${max}`);
  value.forEach((item, i) => test(item, `${where}[${i}]`));
};

const isInstant = (value) => { const at = Date.parse(value); return isDate(value.slice(0, 10)) && Number.isFinite(at) && new Date(at).toISOString() === value.replace('Z', '.000Z'); };

function isDate(value) {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const year = Number(value.slice(0, 4));
  const parsed = new Date(`${value}T00:00:00Z`);
  return year >= 1900 && year <= 9998 && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
}

const hashed = { id: text, sha256: hexHash };

const hash = (value, where) => { hash32(value, where); };
const entry = object({ index: natural, path: list(hash, 64) });

const billShape = {
  type: oneOf('praman-bill/1'), bill_no: text, utility: text, service_point: text, usage_point: check('UP- and digits', (v) => typeof v === 'string' && /^UP-\d{9,20}$/.test(v)),
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
    segments: list(object({ closing: natural, closing_at: instant, device: text, digits: check('a whole number from 0 to 12', (v) => Number.isSafeInteger(v) && v >= 0 && v <= 12), energy_wh: natural, multiplier: check('a whole number from 1 to 2147483647', (v) => Number.isSafeInteger(v) && v >= 1 && v <= 2147483647), opening: natural, opening_at: instant }), 100),
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
  revises: object({ bill_no: text, difference_paise: integer, lines: list(object({ id: text, paise: integer }), 1000), rounding_paise: integer, sha256: hexHash, total_paise: integer }),
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

const saltOrErased = (value, where) => { if (value !== '') hash(value, where); };

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

/** Root that an inclusion proof leads to, or null where the proof has the wrong length (RFC 9162, 2.1.3.2). */
async function rootOf(index, size, leaf, path) {
  if (!(index < size)) return null;
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  let node = leaf;
  for (const sibling of path) {
    if (sn === 0n) return null;
    if ((fn & 1n) === 1n || fn === sn) {
      node = await nodeHash(sibling, node);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      node = await nodeHash(node, sibling);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n ? node : null;
}

async function includes(index, size, leaf, path, root) {
  const found = await rootOf(index, size, leaf, path);
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
  const blank = source.indexOf('\n\n');
  if (blank < 0) throw new Unreadable(file, 'an empty line before the checkpoint');
  const head = source.slice(0, blank).split('\n');
  if (head.shift() !== 'c2sp.org/tlog-proof@v1') throw new Unreadable(`${file}: line 1`, 'c2sp.org/tlog-proof@v1');
  let salt = null;
  if (head[0]?.startsWith('extra ')) salt = hash32(head.shift().slice(6), `${file}: extra`);
  const index = /^index (0|[1-9]\d{0,15})$/.exec(head.shift() ?? '');
  if (!index) throw new Unreadable(file, 'a line "index N"');
  const path = head.map((line, i) => hash32(line, `${file}: hash ${i}`));
  if (path.length > 64) throw new Unreadable(file, 'at most 64 hashes');

  const note = source.slice(blank + 2);
  const split = note.indexOf('\n\n');
  if (split < 0) throw new Unreadable(file, 'an empty line before the signatures');
  const body = note.slice(0, split + 1);
  const lines = body.split('\n');
  if (lines.length < 4 || !/^(0|[1-9]\d{0,15})$/.test(lines[1])) throw new Unreadable(`${file}: checkpoint`, 'origin, size and root');
  const rest = note.slice(split + 2);
  if (!rest.endsWith('\n')) throw new Unreadable(`${file}: signatures`, 'a line end after the last');
  const signatures = rest.slice(0, -1).split('\n').map((line) => {
    const match = /^— ([^\s+\u007f-\u009f]+) (\S+)$/.exec(line);
    if (!match) throw new Unreadable(`${file}: signature`, '"— name base64"');
    const raw = fromBase64(match[2], `${file}: signature`);
    if (raw.length < 5) throw new Unreadable(`${file}: signature`, 'a key hash and a signature');
    return { name: match[1], id: raw.slice(0, 4), value: raw.slice(4) };
  });
  return { salt, index: Number(index[1]), path, body, origin: lines[0], size: Number(lines[1]), root: hash32(lines[2], `${file}: root`), signatures };
}

/** What a step says that could not be run, or not to its end, for want of something: nothing is wrong, and it is not called right. */
class NotRun {
  constructor(detail = 'not checked: something is missing') {
    this.detail = detail;
  }
}

function withoutEd25519(missing) {
  missing.push('Ed25519 in this browser');
  return new NotRun('this browser cannot check Ed25519 signatures');
}

/** Checks the log's signature and counts witness cosignatures (cosignature/v1, with its time in front); fewer than asked for leave the step open. */
async function checkSignatures(proof, keys, witnesses, missing) {
  const body = utf8.encode(proof.body);
  const logKeys = keys.filter((key) => !key.isWitness && key.name === proof.origin);
  const witnessKeys = keys.filter((key) => key.isWitness);
  if (logKeys.length === 0) missing.push('log key');
  let logSigned = logKeys.length === 0 ? null : false;
  for (const key of logKeys) {
    for (const signature of proof.signatures) {
      if (signature.name !== key.name || !sameOctets(signature.id, key.id)) continue;
      const good = await ed25519Verify(key.publicKey, body, signature.value);
      if (good === null) return withoutEd25519(missing);
      if (!good) throw new Different('log-signature', 'a signature of the log that verifies', 'one that does not');
      logSigned = true;
    }
  }
  if (logSigned === false) throw new Different('log-signature', `a signature by ${proof.origin}`, 'none');
  const cosigners = new Set();
  for (const key of witnessKeys) {
    for (const signature of proof.signatures) {
      if (signature.name !== key.name || !sameOctets(signature.id, key.id)) continue;
      if (signature.value.length !== 72) throw new Different('witness', 'a time and a signature', `${signature.value.length} octets`);
      const time = new DataView(signature.value.buffer, signature.value.byteOffset, 8).getBigUint64(0);
      const message = utf8.encode(`cosignature/v1\ntime ${time}\n${proof.body}`);
      const good = await ed25519Verify(key.publicKey, message, signature.value.slice(8));
      if (good === null) return withoutEd25519(missing);
      if (!good) throw new Different('witness', `a cosignature of ${key.name} that verifies`, 'one that does not');
      if (time > BigInt(Math.floor(Date.now() / 1000) + 600)) throw new Different('witness', 'a time that has come', `${time}`);
      cosigners.add(toHex(key.publicKey));
    }
  }
  if (cosigners.size < witnesses) missing.push(witnessKeys.length === 0 ? 'witness key' : howMany(witnesses - cosigners.size, 'witness cosignature'));
  if (logSigned === null) return new NotRun(`no key of the log ${proof.origin} was given`);
  return cosigners.size < witnesses
    ? new NotRun(`log ${proof.origin}, ${cosigners.size} of ${howMany(witnesses, 'witness', 'witnesses')}`)
    : `log ${proof.origin}, ${howMany(cosigners.size, 'witness', 'witnesses')}`;
}

// ---------------------------------------------------------------------------------------------------------------- day blocks

const STATE = { RAW: 0, FAILED: 3, MISSING: 4 };
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

  const states = new Array(count);
  const flags = new Array(count);
  const lead = small('runs of quality', count + 1);
  if (lead < 2) {
    states.fill(lead);
    flags.fill(0);
  } else {
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
      flags.fill(flag, filled, filled + length);
      filled += length;
    }
    if (filled !== count) throw bad('runs that cover every interval');
    if (lead === 2 && (before === 0 || before === 0x100)) throw bad('the short form of a plain day');
  }

  const codingAt = at;
  const coding = octet('coding');
  const k = BigInt(coding & 0x1f);
  let scaler = 0;
  if (coding & 0x20) {
    scaler = (octet('scaler') << 24) >> 24;
    if (scaler === 0) throw bad('a scaler that is not 0');
  }
  const zigzag = varint('base');
  const base = unzigzag(zigzag);
  const limit = 1n << 47n;
  if (base <= -limit || base >= limit) throw bad('a base below 2^47');
  const values = new Array(count).fill(0n);
  const present = [];
  states.forEach((state, i) => { if (state !== STATE.MISSING) present.push(i); });
  switch (coding >> 6) {
    case 0:
      if (k !== 0n || (present.length === 0 && base !== 0n)) throw bad('a plain constant');
      for (const i of present) values[i] = base;
      break;
    case 1:
    case 2: {
      if (present.length < 2) throw bad('at least two values');
      const fromPrevious = coding >> 6 === 2;
      let bit = at * 8;
      const end = octets.length * 8;
      const next = () => {
        if (bit >= end) throw bad('more octets');
        const value = (octets[bit >> 3] >> (7 - (bit & 7))) & 1;
        bit++;
        return value;
      };
      const read = (length) => {
        let value = 0n;
        for (let i = 0n; i < length; i++) value = (value << 1n) | BigInt(next());
        return value;
      };
      const rice = () => {
        let ones = 0;
        while (ones < 24 && next() === 1) ones++;
        if (ones < 24) return (BigInt(ones) << k) | read(k);
        const long = read(49n);
        if (long >> k < 24n) throw bad('the short form of a value');
        return long;
      };
      let previous = base;
      present.forEach((i, n) => {
        if (fromPrevious) values[i] = n === 0 ? base : previous + unzigzag(rice());
        else values[i] = base + rice();
        if (values[i] <= -limit || values[i] >= limit) throw bad('values below 2^47');
        previous = values[i];
      });
      if (end - bit >= 8) throw bad('the end of the block');
      while (bit < end) if (next() !== 0) throw bad('padding of 0 bits');
      at = octets.length;
      break;
    }
    default:
      throw bad('a known coding');
  }
  if (at !== octets.length) throw bad('the end of the block');
  // The octets are hashed: the same values have one form only, the one that the writer chooses.
  const written = chooseCoding(present.map((i) => Number(values[i])));
  if (coding >> 6 !== written.coding || Number(k) !== written.k || Number(base) !== written.base) {
    throw new Unreadable(where, `coding ${written.coding} with k ${written.k} and base ${written.base} at octet ${codingAt}`);
  }
  return { usagePoint, type, startMinutes, intervalMinutes, count, version: revision >> 3, states, flags, values, scaler };
}

/** The coding, Rice parameter and base that the writer takes for these values; all numbers stay below 2^50 and are exact. */
function chooseCoding(values) {
  if (values.length === 0) return { coding: 0, k: 0, base: 0 };
  const lowest = values.reduce((a, b) => Math.min(a, b));
  if (values.every((value) => value === lowest)) return { coding: 0, k: 0, base: lowest };
  const zigzag = (value) => (value < 0 ? -2 * value - 1 : 2 * value);
  const cheapest = (codes) => {
    const mean = codes.reduce((sum, code) => sum + BigInt(code), 0n) / BigInt(codes.length);
    const guess = Math.min(Math.max(mean.toString(2).length - 1, 1), 30);
    let best = { k: 0, bits: Infinity };
    for (const k of [guess - 1, guess, guess + 1]) {
      let bits = 0;
      for (const code of codes) {
        const quotient = Math.floor(code / 2 ** k);
        bits += quotient < 24 ? quotient + 1 + k : 24 + 49;
      }
      if (bits < best.bits) best = { k, bits };
    }
    return best;
  };
  const distances = cheapest(values.map((value) => value - lowest));
  const differences = cheapest(values.slice(1).map((value, i) => zigzag(value - values[i])));
  return differences.bits < distances.bits ? { coding: 2, k: differences.k, base: values[0] } : { coding: 1, k: distances.k, base: lowest };
}

const unzigzag = (value) => ((value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n));
const isEstimated = (state) => state > 0x11 && state <= 0x18;
const isByPerson = (state) => state === 5 || state === 6; // ACCEPTED, EDITED

// ---------------------------------------------------------------------------------------------------------------- exact fractions

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
  hundredths() {
    const n = this.n * 100n;
    return n % this.d === 0n ? n / this.d : null;
  }

  toString() {
    return this.toDecimal() ?? `${this.n}/${this.d}`;
  }

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
    let n = this.n < 0n ? -this.n : this.n;
    let d = this.d;
    const whole = n / d;
    n %= d;
    let decimals = '';
    while (n !== 0n) {
      if (decimals.length === 28) return null;
      n *= 10n;
      decimals += String(n / d);
      n %= d;
    }
    return `${this.n < 0n ? '-' : ''}${whole}${decimals ? `.${decimals}` : ''}`;
  }
}

const ZERO = new Fraction(0n);
const sumOf = (items) => items.reduce((sum, item) => sum.plus(item), ZERO);
const smaller = (a, b) => (a.compare(b) <= 0 ? a : b);
const larger = (a, b) => (a.compare(b) >= 0 ? a : b);

// ---------------------------------------------------------------------------------------------------------------- calendar

const DAY_MS = 86400000;
const dayNumber = (iso) => Date.parse(`${iso}T00:00:00Z`) / DAY_MS;
const isoOf = (number) => new Date(number * DAY_MS).toISOString().slice(0, 10);
const daysInMonth = (iso) => new Date(Date.UTC(+iso.slice(0, 4), +iso.slice(5, 7), 0)).getUTCDate();

/** Local date of an instant (minutes of Unix time) in a TZDB zone, and whether it is that date's midnight. */
function localDay(minutes, formatter) {
  const parts = Object.fromEntries(formatter.formatToParts(new Date(minutes * 60000)).map((part) => [part.type, part.value]));
  const date = `${parts.year.padStart(4, '0')}-${parts.month}-${parts.day}`;
  // The first instant of a date is midnight as a rule; the minute before is another date, whatever the clock shows.
  return { date, get midnight() { return dateOf(minutes - 1, formatter) < date; } };
}

function dateOf(minutes, formatter) {
  const parts = Object.fromEntries(formatter.formatToParts(new Date(minutes * 60000)).map((part) => [part.type, part.value]));
  return `${parts.year.padStart(4, '0')}-${parts.month}-${parts.day}`;
}

// Intl takes names of zones in any case and offsets such as +05:30; the tz database has each name in one spelling.
const ZONE_WORD = /^([A-Z][a-z]+|au|es|of|W|GB|IN|NZ|SU|US|UTC|UCT|GMT0?|GMT\+?\d{1,2}|\d{1,2}|ACT|LHI|NSW|CHAT|PRC|ROC|ROK|[CEMW]ET|[EHM]ST|[ECMP]ST\d[ECMP]DT|Baja(Norte|Sur)|ComodRivadavia|DeNoronha|DumontDUrville|EasterIsland|McMurdo)$/;

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
  const first = dayNumber(inputs.from);
  const days = dayNumber(inputs.to) - first + 1;
  const allDays = Array.from({ length: days }, (_, i) => isoOf(first + i));
  const line = billing.line_rounding;
  const paise = (amount) => amount.round(line.step, line.mode);

  const monthsOf = (dates) => {
    if (billing.month_fraction === 'days_over_30') return new Fraction(BigInt(dates.length), 30n);
    if (billing.month_fraction === 'calendar_sum') return sumOf(dates.map((day) => new Fraction(1n, BigInt(daysInMonth(day)))));
    return new Fraction(BigInt(billing.cycle_months * dates.length), BigInt(days));
  };
  const printed = isAbsent(inputs.billing_months) ? null : Fraction.of(inputs.billing_months);
  const m = printed ?? (billing.month_fraction === 'none' ? Fraction.of(billing.cycle_months) : monthsOf(allDays));
  const prorated = (what) => (billing.prorate.includes(what) ? m : Fraction.of(billing.cycle_months));
  const stepped = (value) => Fraction.of(value).round(billing.unit_step);
  const given = (value) => (isAbsent(value) ? null : Fraction.of(value));
  const imported = stepped(inputs.kwh);
  // Net metering: what was taken less what was given, now and left over from before; the rest is carried out.
  const kwh = tariff.export ? larger(imported.minus(stepped(inputs.kwh_export ?? 0)).minus(inputs.kwh_carried_in ?? 0), ZERO) : imported;
  const kwhMonth = kwh.over(m);
  const load = Fraction.of(inputs.sanctioned_load_kw);
  const demand = given(inputs.max_demand_kw);
  const quantities = { kwh, kwh_import: imported };
  if (!isAbsent(inputs.kvah)) quantities.kvah = stepped(inputs.kvah);
  if (!isAbsent(inputs.kwh_export)) quantities.kwh_export = stepped(inputs.kwh_export);
  if (!isAbsent(inputs.kw_max ?? inputs.max_demand_kw)) quantities.kw_max = Fraction.of(inputs.kw_max ?? inputs.max_demand_kw);

  /** The tariff makes no bill of these inputs, so nobody can have made one. */
  const refuse = (why) => new Different('tariff', why, 'a bill');
  const quantity = (component) => {
    if (!Object.hasOwn(quantities, component.quantity)) throw refuse(`no quantity ${component.quantity}, which '${component.id}' needs`);
    return quantities[component.quantity];
  };
  const number = (value, what) => {
    if (value === null || value === undefined) throw refuse(`no rate of ${what}`);
    return Fraction.of(value);
  };
  const external = (name) => {
    if (!Object.hasOwn(inputs.external, name)) throw refuse(`no external value ${name}`);
    return Fraction.of(inputs.external[name]);
  };
  const within = (range, value) => (range.lte === undefined || value.compare(range.lte) <= 0) && (range.gt === undefined || value.compare(range.gt) > 0);
  const holds = (when) => {
    if (!when) return true;
    for (const key of Object.keys(when)) if (!['kwh', 'kwh_month', 'load_kw', 'flags'].includes(key)) throw new Unproven(`condition ${key}`);
    return (!when.kwh || within(when.kwh, kwh)) && (!when.kwh_month || within(when.kwh_month, kwhMonth)) && (!when.load_kw || within(when.load_kw, load))
      && (when.flags ?? []).every((flag) => inputs.flags.includes(flag));
  };
  const pointOn = (id, day) => {
    const series = seriesById[id];
    if (!series) throw new Unproven(`series ${id}`);
    const date = series.basis === 'bill_date' ? inputs.issued : day;
    let found = null;
    for (const point of series.points) if (point.from <= date) found = point;
    if (!found || (found.to !== undefined && found.to !== null && found.to < date)) throw refuse(`no value of series ${id} on ${date}`);
    return found;
  };
  /** Runs of days on which a key stays the same: [{key, dates}]. */
  const runs = (keyOf) => {
    const result = [];
    for (const day of allDays) {
      const key = keyOf(day);
      if (result.length > 0 && result.at(-1).key === key) result.at(-1).dates.push(day);
      else result.push({ key, dates: [day] });
    }
    return result;
  };
  /** Units of a period over its runs: by the intervals of their days where the tariff says so and asks for intervals, else by days; rounded to the unit step, the remainder to the last. */
  const shareUnits = (units, parts) => {
    const byInterval = billing.rate_change_split === 'by_interval' && parts.length > 1 && goesByTime(tariff) && inputs.slots ? new Map() : null;
    if (byInterval) for (const { date, wh } of inputs.slots()) byInterval.set(date, (byInterval.get(date) ?? 0n) + wh);
    const ofPart = ({ dates }) => (byInterval
      ? new Fraction(dates.reduce((sum, date) => sum + (byInterval.get(date) ?? 0n), 0n), 1000n)
      : units.times(new Fraction(BigInt(dates.length), BigInt(days))));
    let left = units;
    return parts.map((part, i) => {
      const share = i === parts.length - 1 ? left : smaller(left, ofPart(part).round(billing.unit_step));
      left = left.minus(share);
      return share;
    });
  };
  /** Where a dated value of any series of the tariff changes, if the tariff computes such parts apart; else the whole period. */
  const seriesIds = seriesOf(tariff);
  const rateSegments = () => {
    const dated = billing.segments ? seriesIds.filter((id) => seriesById[id]?.basis !== 'bill_date') : [];
    return dated.length === 0 ? [{ dates: allDays }] : runs((day) => dated.map((id) => pointOn(id, day).from).join('|'));
  };
  const scaleOf = (per, segment) => {
    const share = new Fraction(BigInt(segment.dates.length), BigInt(days));
    if (per === 'day') return Fraction.of(segment.dates.length);
    if (per === 'cycle') return (billing.prorate.includes('slab_limits') ? m.over(billing.cycle_months) : Fraction.of(1)).times(share);
    if (!billing.prorate.includes('slab_limits')) return Fraction.of(billing.cycle_months).times(share);
    return billing.month_fraction === 'none' || printed ? m.times(share) : monthsOf(segment.dates);
  };
  const tableOf = (component) => {
    if (!component.tables) return component;
    const table = component.tables.find((candidate) => holds(candidate.when));
    if (!table) throw refuse(`no table of ${component.id} holds`);
    return table;
  };

  /** Bands of a slab table as parts {units, rate, amount}. */
  const slabParts = (units, bands, mode, scale, what) => {
    const limits = bands.map((band) => {
      if (band.upto === undefined || band.upto === null) {
        if (band.upto_external) return external(band.upto_external).times(scale);
        return null;
      }
      const limit = Fraction.of(band.upto).times(scale);
      return billing.slab_limit_rounding === 'cumulative_half_up_unit' ? limit.round(1) : limit;
    });
    const rateOf = (band, i) => (band.external ? external(band.external) : number(band.rate, `${what} band ${i + 1}`));
    if (units.isZero()) return []; // no band is reached
    if (mode === 'whole') {
      const reached = limits.findIndex((limit) => limit === null || units.compare(limit) <= 0);
      if (reached < 0) throw refuse(`no rate of ${what} above its last limit`);
      const one = rateOf(bands[reached], reached);
      return [{ units, rate: one, amount: paise(units.times(one)) }];
    }
    const parts = [];
    let below = ZERO;
    bands.forEach((band, i) => {
      const top = limits[i] === null ? units : smaller(units, limits[i]);
      const inBand = top.minus(below);
      if (inBand.compare(0) <= 0) return;
      const one = rateOf(band, i);
      parts.push({ units: inBand, rate: one, amount: paise(inBand.times(one)) });
      below = top;
    });
    if (units.compare(below) > 0) throw refuse(`no rate of ${what} above its last limit`);
    return parts;
  };

  const lines = new Map();
  /** A line with all that it says: parts {units, rate or null, amount, dates?, name?}. */
  const lineOf = (kind, { id, group, label, sources = [] }, parts, quantity, unit, points = []) => {
    const line = { kind, id, group, label, parts, quantity, unit, amount: sumOf(parts.map((part) => part.amount)) };
    line.rate = parts.length > 0 && parts.every((part) => part.rate !== null && part.rate.compare(parts[0].rate ?? 0) === 0) ? parts[0].rate : null;
    // The sources of a line are its own and those of the points of a series that it used.
    line.sources = points.length === 0 ? sources : [...new Set([...sources, ...points.map((point) => point.source)])];
    line.formula = formulaOf(line);
    return line;
  };
  const done = (component, parts, quantity, unit, points) => lines.set(component.id, lineOf(component.kind, component, parts, quantity, unit, points));

  for (const component of tariff.components) {
    if (!holds(component.when)) continue;
    if (!isAbsent(component.season)) {
      if (isAbsent(inputs.season)) throw refuse(`no season, which '${component.id}' needs`);
      if (inputs.season !== component.season) continue;
    }
    if (component.kind === 'blocks') {
      const table = tableOf(component);
      const segments = rateSegments();
      const shares = shareUnits(quantity(component), segments);
      done(component, segments.flatMap((segment, i) => slabParts(shares[i], table.bands, table.mode, scaleOf(component.per, segment), component.id)
        .map((part) => ({ ...part, dates: segment.dates }))), quantity(component), unitOf(component.quantity));
    } else if (component.kind === 'unit') {
      const units = quantity(component);
      if (component.series) {
        const parts = runs((day) => pointOn(component.series, day));
        const shares = shareUnits(units, parts);
        done(component, parts.map((part, i) => {
          const one = Fraction.of(part.key.value);
          return { units: shares[i], rate: one, amount: paise(shares[i].times(one)), dates: part.dates };
        }), units, unitOf(component.quantity), parts.map((part) => part.key));
      } else {
        const one = component.external ? external(component.external) : number(tableOf(component).rate, component.id);
        done(component, [{ units, rate: one, amount: paise(units.times(one)) }], units, unitOf(component.quantity));
      }
    } else if (component.kind === 'fixed') {
      const { parts, size, unit } = fixedParts(component);
      done(component, parts, size, unit);
    } else if (component.kind === 'percent') {
      const { parts, base, points } = percentParts(component);
      done(component, parts, base, tariff.currency, points);
    } else if (component.kind === 'tod') {
      timeOfDay(component);
    } else if (component.kind === 'interval') {
      byInterval(component);
    } else {
      throw new Unproven(`tariff component of kind ${component.kind}`);
    }
  }

  /** The load that a fixed charge looks at, before it is rounded. */
  function loadOf(component) {
    const recorded = demand ?? given(inputs.kw_max) ?? ZERO;
    switch (component.load ?? 'sanctioned') {
      case 'sanctioned': return load;
      case 'billing_demand': return larger(recorded, load);
      case 'max_of_demand_and_75pct_sanctioned': return larger(recorded, load.times('0.75'));
      case 'derived_from_kwh': return kwhMonth.over(component.derive.kwh_per_step).round(1, 'up').times(component.derive.step_kw);
      default: throw new Unproven(`load ${component.load}`);
    }
  }

  function fixedParts(component) {
    if ((component.basis !== 'connection' || component.bands_by_load) && load.compare(0) < 0) throw refuse('a load of 0 or more');
    let size = loadOf(component);
    if (component.load_rounding) size = size.round(component.load_rounding.step, component.load_rounding.mode);
    let one = component.external ? external(component.external) : component.rate;
    let basis = component.basis;
    if (component.bands_by_load) {
      const band = component.bands_by_load.find((candidate) => isAbsent(candidate.upto_kw) || size.compare(candidate.upto_kw) <= 0);
      if (!band) throw refuse(`no band of ${component.id} for ${inputs.sanctioned_load_kw} kW`);
      one = band.rate;
      basis = band.basis ?? basis;
    } else if (component.bands_by_kwh) {
      const band = component.bands_by_kwh.find((candidate) => isAbsent(candidate.upto) || kwhMonth.compare(candidate.upto) <= 0);
      if (!band) throw refuse(`no band of ${component.id}`);
      one = band.rate;
    } else if (component.by_phase) {
      one = component.by_phase[inputs.phase];
      if (Array.isArray(one)) one = one.find((candidate) => isAbsent(candidate.upto) || kwhMonth.compare(candidate.upto) <= 0)?.rate;
    }
    if (basis === 'by_load') throw new Unproven(`basis of ${component.id}`);
    const perTime = number(one, component.id).times(basis === 'connection' ? 1 : size);
    const unit = { kw: 'kW', kva: 'kVA' }[basis] ?? 'connection';
    const of = (parts) => ({ parts, size: basis === 'connection' ? Fraction.of(1) : size, unit });
    if (component.per === 'day') return of([{ units: Fraction.of(days), rate: number(one, component.id), amount: paise(perTime.times(days)), name: 'days' }]);
    if (billing.segments && billing.prorate.includes('fixed') && billing.month_fraction !== 'none' && !printed) {
      const months = rateSegments().flatMap((segment) => {
        const inside = new Set(segment.dates);
        return runs((day) => (inside.has(day) ? day.slice(0, 7) : null)).filter((part) => part.key !== null);
      });
      return of(months.map((part) => {
        const units = monthsOf(part.dates);
        return { units, rate: number(one, component.id), amount: paise(perTime.times(units)), dates: part.dates };
      }));
    }
    const units = prorated('fixed');
    return of([{ units, rate: number(one, component.id), amount: paise(perTime.times(units)) }]);
  }

  /** Units of each period of the day by the start of their intervals; a multiplier works on the average rate of its base. */
  function timeOfDay(component) {
    if (!inputs.slots) throw new Unproven('intervals'); // rated without readings
    const measured = component.quantity ?? 'kwh';
    const periods = component.periods.map((p) => ({ ...p, isWithin: stretchOf(p), wh: 0n }));
    const hasHolidays = periods.some((p) => p.days === 'holiday');
    const inMonths = (p, date) => !p.months?.length || p.months.includes(Number(date.slice(5, 7)));
    const on = (p, date) => {
      if (!isAbsent(p.days) && p.days !== 'all') {
        if (hasHolidays && isAbsent(inputs.holidays)) throw refuse(`no holidays, which '${component.id}' needs`);
        if (p.days === 'holiday') return inputs.holidays.includes(date) && inMonths(p, date);
        const weekend = [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
        if (weekend !== (p.days === 'weekend')) return false;
      }
      return inMonths(p, date);
    };
    for (const { date, minute, wh } of inputs.slots()) {
      const period = periods.find((p) => p.isWithin(minute) && on(p, date));
      if (period) period.wh += wh;
    }
    if (measured === 'kwh' && inputs.unassigned_wh !== 0 && periods.some((p) => !isAbsent(p.rate))) throw refuse(`energy at no known time, and '${component.id}' has rates for known times alone`);
    const base = sumOf((component.base ?? []).map((id) => lines.get(id)?.amount ?? ZERO));
    const units = component.base?.length ? quantity({ id: component.id, quantity: measured }) : ZERO;
    const average = units.isZero() ? ZERO : base.over(units);
    const parts = periods.map((p) => {
      const used = new Fraction(p.wh, 1000n);
      const rate = Fraction.of(p.rate ?? p.adder ?? p.multiplier);
      const multiplies = !isAbsent(p.multiplier);
      const amount = paise(multiplies ? used.times(average).times(rate.minus(1)) : used.times(rate));
      return { units: used, rate, amount, name: p.name ?? (isAbsent(p.from) ? 'all' : `${p.from}-${p.to}`), average: multiplies ? average : null };
    });
    done(component, parts, sumOf(parts.map((part) => part.units)), unitOf(measured));
  }

  /** A price for each interval: the input price by the formula of the first stretch that holds its start, between floor and cap; rounded once. */
  function byInterval(component) {
    if (!inputs.slots) throw new Unproven('intervals'); // rated without readings
    if (inputs.unassigned_wh !== 0) throw refuse(`energy at no known time, and '${component.id}' has prices for known times alone`);
    const { formula } = component;
    const steps = formula.periods
      ? formula.periods.map((p) => ({ isWithin: stretchOf(p), multiply: Fraction.of(p.multiply ?? 1), add: Fraction.of(p.add ?? 0) }))
      : [...(formula.add ?? []), {}].map((p) => ({ isWithin: stretchOf(p), multiply: Fraction.of(formula.multiply), add: Fraction.of(p.value ?? 0) }));
    const cap = given(formula.cap);
    const floor = given(formula.floor);
    const slots = [...inputs.slots()];
    if (inputs.prices?.length !== slots.length) throw refuse(`no price ${component.external ?? 'w'} of each of the ${slots.length} intervals`);
    // All prices have at most 9 decimals and all formulas too: whole numbers of 10^-18 make one exact sum.
    const fine = (value) => value.n * (10n ** 18n / value.d);
    let sum = 0n;
    let used = 0n;
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
    done(component, [{ units: new Fraction(used, 1000n), rate: null, amount: paise(new Fraction(sum, 1000n * 10n ** 18n * hundredths)) }], new Fraction(used, 1000n), 'kWh');
  }

  function percentParts(component) {
    const bases = component.of.filter((item) => lines.has(item.id) || tariff.components.some((other) => other.id === item.id));
    const weight = (item) => Fraction.of(item.weight ?? 1);
    const amountOf = (item) => (lines.get(item.id)?.amount ?? ZERO).times(weight(item));
    const at = (base, percent) => ({ units: base, rate: Fraction.of(percent), amount: paise(base.times(percent).over(100)) });
    const apart = component.per_band || component.per_segment;
    const base = sumOf(bases.map(amountOf));
    const baseParts = bases.flatMap((item) => (lines.get(item.id)?.parts ?? []).map((part) => ({ amount: part.amount.times(weight(item)), dates: part.dates ?? allDays })));
    if (!component.series) {
      const percent = component.external ? external(component.external) : number(component.rate, component.id);
      return { base, parts: apart ? baseParts.map((part) => at(part.amount, percent)) : [at(base, percent)], points: [] };
    }
    const points = runs((day) => pointOn(component.series, day)).map((run) => run.key); // the whole period must be covered, also where the base is 0
    // Each part of the base counts at the value that holds on its days.
    const shares = baseParts.flatMap((part) => {
      const held = [];
      for (const day of part.dates) {
        const point = pointOn(component.series, day);
        if (held.at(-1)?.point === point) held.at(-1).days++;
        else held.push({ point, days: 1 });
      }
      return held.map((one) => ({ point: one.point, amount: part.amount.times(new Fraction(BigInt(one.days), BigInt(part.dates.length))) }));
    });
    if (apart) return { base, parts: shares.map((one) => at(one.amount, one.point.value)), points };
    const byPoint = new Map(points.map((point) => [point, ZERO]));
    for (const one of shares) byPoint.set(one.point, byPoint.get(one.point).plus(one.amount));
    return { base, parts: [...byPoint].map(([point, amount]) => at(amount, point.value)), points };
  }

  const components = [...lines.values()];
  if (tariff.minimum) {
    const times = { month: m, cycle: Fraction.of(1), day: Fraction.of(days) }[tariff.minimum.per];
    const floor = paise(times.times(tariff.minimum.amount));
    const sum = sumOf(components.filter((one) => !(tariff.minimum.exclude ?? []).includes(one.id)).map((one) => one.amount));
    if (sum.compare(floor) < 0) {
      const line = { id: 'minimum', group: 'fixed', label: 'Minimum charge', sources: tariff.sources };
      components.push(lineOf('minimum', line, [{ units: sum, rate: null, amount: floor.minus(sum) }], sum, tariff.currency));
    }
  }
  const gross = sumOf(components.map((one) => one.amount));

  // What the State pays: only percent_capped has a limit. A sum per unit may exceed the bill, which is then below zero.
  // What is left of each line is kept apart, because free units waive lines; what belongs to no one line is in `leftOfBill`.
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
    const table = tableOf(component);
    const cost = sumOf(slabParts(free, table.bands, table.mode, scaleOf(component.per, { dates: allDays }), component.id).map((part) => part.amount));
    const earlier = tariff.subsidies.filter((one) => one.form === 'per_unit_blocks' && adjustments.some((line) => line.id === one.id));
    const paid = earlier.map((one) => sumOf(slabParts(free, one.blocks, 'telescopic', scaleOf('month', { dates: allDays }), one.id).map((part) => part.amount)));
    return cost.minus(sumOf(paid));
  };
  const freeUnits = (subsidy) => {
    const free = Fraction.of(subsidy.units_per_month).times(prorated('free_units'));
    let waived = ZERO;
    if (kwh.compare(free) <= 0) {
      components.forEach((line, i) => {
        if (!isAbsent(subsidy.waives_when_within) && !subsidy.waives_when_within.includes(line.id)) return;
        waived = waived.plus(leftOf[i]);
        leftOf[i] = ZERO;
      });
      return adjust('subsidy', subsidy, [{ units: kwh, rate: null, amount: waived.negated() }], kwh, 'kWh');
    }
    if (isAbsent(subsidy.when_exceeded)) throw refuse(`no rule of ${subsidy.id} above its free units`);
    components.forEach((line, i) => {
      if (!Object.hasOwn(subsidy.when_exceeded, line.id) || !subsidy.when_exceeded[line.id].startsWith('only ')) return;
      let part = leftOf[i];
      if (line.kind === 'blocks') part = slabsOfFree(tariff.components.find((one) => one.id === line.id), free);
      else if (!kwh.isZero()) part = paise(leftOf[i].times(free).over(kwh)); // a tax or a rate per unit: the share of the free units
      leftOf[i] = leftOf[i].minus(part);
      waived = waived.plus(part);
    });
    return adjust('subsidy', subsidy, [{ units: free, rate: null, amount: waived.negated() }], free, 'kWh');
  };
  const adjustments = [];
  const adjust = (kind, one, parts, quantity, unit) => {
    adjustments.push(lineOf(kind, { ...one, group: kind, label: kind === 'subsidy' ? 'Subsidy' : 'Rebate' }, parts, quantity, unit));
    return adjustments.at(-1).amount;
  };
  for (const subsidy of tariff.subsidies ?? []) {
    if ((subsidy.valid_from && subsidy.valid_from > inputs.from) || !holds(subsidy.when)) continue;
    if (subsidy.form === 'waive_all') {
      const left = leftInAll();
      adjust('subsidy', subsidy, [{ units: left, rate: null, amount: left.negated() }], left, tariff.currency);
      leftOf.fill(ZERO);
      leftOfBill = ZERO;
    } else if (subsidy.form === 'percent_capped') {
      const left = leftInAll();
      let paid = paise(left.times(subsidy.percent).over(100));
      if (!isAbsent(subsidy.cap_per_month)) paid = smaller(paid, paise(Fraction.of(subsidy.cap_per_month).times(m)));
      leftOfBill = leftOfBill.plus(adjust('subsidy', subsidy, [{ units: left, rate: null, amount: paid.negated() }], left, tariff.currency));
    } else if (subsidy.form === 'per_unit_blocks') {
      const parts = slabParts(kwh, subsidy.blocks, 'telescopic', scaleOf('month', { dates: allDays }), subsidy.id);
      takeFromEnergy(adjust('subsidy', subsidy, parts.map((part) => ({ units: part.units, rate: part.rate.negated(), amount: part.amount.negated() })), kwh, 'kWh'));
    } else if (subsidy.form === 'free_units') {
      freeUnits(subsidy);
    } else if (subsidy.form === 'consumer_pays_table') {
      const table = tableOf(subsidy);
      const pays = sumOf(slabParts(kwh, table.bands, table.mode, scaleOf('cycle', { dates: allDays }), subsidy.id).map((part) => part.amount));
      const energy = sumOf(components.filter((one) => one.group === 'energy').map((one) => one.amount));
      takeFromEnergy(adjust('subsidy', subsidy, [{ units: kwh, rate: null, amount: pays.minus(energy) }], kwh, 'kWh'));
    } else if (subsidy.form === 'entitlement') {
      if (!Object.hasOwn(inputs.external, subsidy.id)) continue; // a personal rule: the bill says what it comes to, or leaves it out
      const paid = external(subsidy.id);
      if (paid.compare(0) < 0) throw refuse(`an amount of ${subsidy.id} of 0 or more`);
      leftOfBill = leftOfBill.plus(adjust('subsidy', subsidy, [{ units: Fraction.of(1), rate: null, amount: paise(paid).negated() }], Fraction.of(1), 'entitlement'));
    } else {
      throw new Unproven(`subsidy of form ${subsidy.form}`);
    }
  }
  for (const rebate of tariff.rebates ?? []) {
    if (rebate.form === 'percent' && rebate.of.includes('recharge')) continue; // given with the recharge, not on the bill
    if (!holds(rebate.when)) continue;
    if (rebate.form === 'percent') {
      const base = sumOf([...components, ...adjustments].filter((line) => rebate.of.includes(line.id)).map((line) => line.amount));
      adjust('rebate', rebate, [{ units: base, rate: null, amount: paise(base.times(rebate.percent).over(100)).negated() }], base, tariff.currency);
    } else if (rebate.form === 'per_unit') {
      const one = Fraction.of(rebate.rate);
      adjust('rebate', rebate, [{ units: kwh, rate: one.negated(), amount: paise(kwh.times(one)).negated() }], kwh, 'kWh');
    } else {
      const one = Fraction.of(1);
      adjust('rebate', rebate, [{ units: one, rate: null, amount: paise(Fraction.of(rebate.amount)).negated() }], one, 'bill');
    }
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
  const inMonth = part.dates ? daysInMonth(part.dates[0]) : 0;
  return part.dates && part.dates.length < inMonth && part.units.compare(`${part.dates.length}/${inMonth}`) === 0 ? `${part.dates.length}/${inMonth}` : part.units.toLowestTerms();
}

// ---------------------------------------------------------------------------------------------------------------- the check

/** What is missing of a bill whose salts were erased: it cannot be proved any more. */
const ERASED_SALTS = 'erased salts';

const RANK = ['line', 'total', 'readings', 'tariff', 'commitment', 'inclusion', 'log-signature', 'witness'];

function rankOf(place) {
  if (['gross', 'net', 'rounding', 'total'].includes(place)) return 1;
  const head = place.split('/')[0];
  if (head === 'series') return 3;
  const known = RANK.indexOf(head);
  return known > 1 ? known : 0;
}

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
  members(given, 'bill.json: ', short ? shortShape : billShape, short ? null : revisionShape);
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
  const known = [];
  for (const key of keys) known.push(await parseKey(key.trim()));

  const missing = [];
  const checks = [];
  const differences = [];
  const step = async (number, name, work) => {
    try {
      const said = await work();
      const held = !(said instanceof NotRun);
      checks.push({ step: number, name, ok: held ? true : null, detail: held ? said : said.detail });
      return held;
    } catch (error) {
      if (error instanceof Different) {
        differences.push(error);
        checks.push({ step: number, name, ok: false, detail: `${error.line}: computed ${error.ours}, found ${error.theirs}` });
        return false;
      }
      if (error instanceof Unproven) {
        missing.push(error.missing);
        checks.push({ step: number, name, ok: null, detail: `missing: ${error.missing}` });
        return false;
      }
      throw error;
    }
  };

  if (p === null) missing.push('bill.tlog-proof');
  const erased = e?.erased === undefined ? null : `the salts were erased on ${e.erased}`;
  if (p !== null && p.salt === null && erased === null) missing.push('salt');
  if (e === null || short) missing.push(short ? 'inputs' : 'bill.evidence.json');
  if (erased !== null && !short) missing.push(ERASED_SALTS);
  if (!(b.period.from <= b.period.to) || dayNumber(b.period.to) - dayNumber(b.period.from) >= 3660) throw new Unreadable('bill.json: period.to', 'a period of 1 to 3660 days');
  e?.blocks.forEach((one, i) => { if (one.batch >= e.batches.length) throw new Unreadable(`bill.evidence.json: blocks[${i}].batch`, 'a batch of the file'); });
  if (e !== null && e.bill_no !== given.bill_no) throw new Unreadable('bill.evidence.json: bill_no', `the evidence of bill "${given.bill_no}", not of "${e.bill_no}"`);

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

  if (short) {
    await step(7, 'amounts', async () => {
      const sum = b.lines.reduce((total, line) => total + BigInt(line.paise), 0n);
      if (sum !== BigInt(b.total_paise)) throw new Different('total', sum, b.total_paise, b.currency);
      return 'the lines sum to the total; nothing to recompute them from';
    });
  }

  if (e === null && !short) {
    await step(7, 'amounts', async () => {
      const sum = (items) => items.reduce((total, item) => total + BigInt(item.paise), 0n);
      for (const line of b.lines) {
        if (line.parts.length > 0 && sum(line.parts) !== BigInt(line.paise)) throw new Different(line.id, sum(line.parts), line.paise, b.currency);
      }
      const net = sum(b.lines);
      if (net !== BigInt(b.net_paise)) throw new Different('net', net, b.net_paise, b.currency);
      const total = net + BigInt(b.rounding_paise);
      if (total !== BigInt(b.total_paise)) throw new Different('total', total, b.total_paise, b.currency);
      return 'parts, lines and total add up; nothing to recompute them from';
    });
  }

  let tariffHolds = false;
  let readingsHold = false;
  if (e !== null && !short) {
    tariffHolds = await step(5, 'tariff', async () => {
      const canonical = utf8.encode(printCanonical(e.tariff.object, 'tariff', 0));
      const digest = await sha256(canonical);
      if (e.tariff.object.id !== b.tariff.id || toHex(digest) !== b.tariff.sha256) throw new Different('tariff', toHex(digest), b.tariff.sha256);
      if (p !== null) await logged('tariff', 'tariff', digest, e.tariff.entry);
      const { valid_from: from, valid_to: to } = e.tariff.object;
      if (!isDate(String(from)) || from > b.period.from || (to !== null && to !== undefined && !(to >= b.period.to))) throw new Different('tariff', 'a tariff in force in the whole period', `${from} to ${to ?? 'open'}`);
      const named = new Map(b.series.map((one) => [one.id, one.sha256]));
      for (const series of e.series) {
        const hash = await sha256(utf8.encode(`${series.id}\n${printCanonical(series.object, `series ${series.id}`, 0)}`));
        if (named.get(series.id) !== toHex(hash)) throw new Different(`series/${series.id}`, toHex(hash), named.get(series.id) ?? 'no such series on the bill');
        if (p !== null) await logged(`series/${series.id}`, 'tariff-series', hash, series.entry);
        named.delete(series.id);
      }
      if (named.size > 0) throw new Unproven(`series ${[...named.keys()][0]}`);
      return `${b.tariff.id}${b.series.length > 0 ? ` with ${b.series.map((one) => one.id).join(', ')}` : ''}`;
    });
    const before = differences.length;
    await step(6, 'readings', async () => {
      const said = await checkReadings(b, p, e, logged);
      return erased === null ? said : new NotRun(`not proven: ${erased}; ${said}`);
    });
    readingsHold = differences.length === before;
  }

  if (tariffHolds) {
    await step(7, 'amounts', async () => compareAmounts(b, e, readingsHold));
  }

  if (b.revises !== undefined) {
    await step(7, 'revision', async () => {
      const total = b.revises.lines.reduce((sum, line) => sum + BigInt(line.paise), BigInt(b.revises.rounding_paise));
      if (total !== BigInt(b.revises.total_paise)) throw new Different('revises/total_paise', total, b.revises.total_paise, b.currency);
      const difference = BigInt(b.total_paise) - total;
      if (difference !== BigInt(b.revises.difference_paise)) throw new Different('revises/difference_paise', difference, b.revises.difference_paise, b.currency);
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

  async function logged(place, kind, commitment, at) {
    if (e.tree_size !== p.size) throw new Different('inclusion', `tree size ${p.size}`, e.tree_size);
    if (at.index >= p.index) throw new Different(place, `an entry before the bill's ${p.index}`, at.index);
    if (!(await includes(at.index, p.size, await logEntryLeaf(kind, commitment), pathOf(at.path, place), p.root))) throw new Different(place, 'an entry in the log', 'none');
  }

  const rank = (one) => (one.inWords ? RANK.length : rankOf(one.line));
  differences.sort((x, y) => rank(x) - rank(y));
  const verdict = {
    bill_no: given.bill_no,
    verdict: differences.length > 0 ? 'DIFFERENT' : missing.length > 0 ? 'UNPROVEN' : isMeasured(b.readings) ? 'VALID' : 'VALID_WITH_ESTIMATES',
    missing,
    estimated: { intervals: b.readings.estimated_intervals ?? 0, wh: b.readings.estimated_wh ?? 0 },
    edited: { intervals: b.readings.edited_intervals ?? 0, registers: b.readings.edited_registers ?? 0 },
    checks,
    total_paise: given.total_paise,
  };
  if (differences.length > 0) Object.assign(verdict, { line: differences[0].line, ours: differences[0].ours, theirs: differences[0].theirs, ...(differences[0].unit ? { unit: differences[0].unit } : {}) });
  return verdict;
}

/** Whether all energy is given to an hour by a meter, and a register stands behind it. */
const isMeasured = (readings) => readings.estimated_intervals === 0 && readings.edited_intervals === 0 && readings.edited_registers === 0 && readings.unassigned_wh === 0 && readings.segments.length > 0;

async function checkReadings(b, p, e, logged) {
  const readings = b.readings;
  const usagePoint = BigInt(b.usage_point.slice(3));
  const formatter = zoneFormatter(b.time_zone);
  const minutesOf = (iso) => Date.parse(iso) / 60000;

  // Each block stands in its night's tree, and that tree's head in the log before the bill.
  const heads = [];
  for (const batch of e.batches) {
    const head = utf8.encode(`praman-batch/1\n${batch.date}\n${batch.size}\n${batch.root}\n`);
    if (p !== null) await logged(`readings/batch ${batch.date}`, 'meter-day-root', await sha256(head), batch.entry);
    heads.push({ size: batch.size, root: hash32(batch.root, 'root of a batch') });
  }
  const blocks = [];
  const leaves = [];
  for (const [i, one] of e.blocks.entries()) {
    const octets = fromBase64(one.bytes, `bill.evidence.json: blocks[${i}].bytes`);
    const block = decodeBlock(octets, `bill.evidence.json: blocks[${i}].bytes`);
    const day = localDay(block.startMinutes, formatter);
    const place = block.type < 0x20 ? `readings/${day.date}` : `readings/segments[${Math.max(0, (blocks.length - e.blocks.length + 2 * readings.segments.length) >> 1)}]`;
    if (e.erased === undefined) {
      const head = heads[one.batch];
      const leaf = await leafHash(await hmacSha256(hash32(one.salt, `blocks[${i}].salt`), octets));
      if (!head || !(await includes(one.index, head.size, leaf, pathOf(one.path, `blocks[${i}]`), head.root))) throw new Different(place, 'the block that was logged', 'another');
      leaves.push(leaf);
    }
    if (block.usagePoint !== usagePoint) throw new Different(place, b.usage_point, `UP-${block.usagePoint}`);
    blocks.push({ ...block, place, day });
  }

  // One block a local day, without gap or overlap, every interval billable.
  const intervals = blocks.filter((block) => block.type < 0x20);
  let day = dayNumber(b.period.from);
  let counted = 0;
  let estimated = 0;
  let edited = 0;
  let energy = 0n;
  let estimatedEnergy = 0n;
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
      if (block.states[n] === STATE.RAW || block.states[n] === STATE.FAILED || block.states[n] === STATE.MISSING) throw new Different(block.place, 'a billable state', `state ${block.states[n]} in interval ${n + 1}`);
      energy += block.values[n];
      counted++;
      if (isByPerson(block.states[n])) edited++;
      if (isEstimated(block.states[n])) {
        estimated++;
        estimatedEnergy += block.values[n];
      }
    }
    day++;
  }
  if (isoOf(day - 1) !== b.period.to) throw new Different(`readings/${isoOf(day)}`, 'a block for each day of the period', 'none');
  const whole = (place, ours, theirs) => { if (BigInt(ours) !== BigInt(theirs)) throw new Different(`readings/${place}`, ours, theirs); };
  whole('intervals', counted, readings.intervals);
  whole('estimated_intervals', estimated, readings.estimated_intervals);
  whole('estimated_wh', estimatedEnergy, readings.estimated_wh);
  whole('edited_intervals', edited, readings.edited_intervals);
  whole('edited_registers', blocks.filter((block) => block.type >= 0x20).reduce((all, block) => all + block.states.filter(isByPerson).length, 0), readings.edited_registers);

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
    const opens = i === 0 && opening.type === 0x21 ? true : opening.type === 0x61;
    const closes = i === readings.segments.length - 1 && closing.type === 0x21 ? true : closing.type === 0x41;
    if (!opens) throw new Different(`readings/${place}`, 'a register at midnight or installation', 'another type');
    if (!closes) throw new Different(`readings/${place}`, 'a register at midnight or removal', 'another type');
    whole(place, opening.values[0], segment.opening);
    whole(place, closing.values[0], segment.closing);
    if (opening.startMinutes !== minutesOf(segment.opening_at) || closing.startMinutes !== minutesOf(segment.closing_at)) throw new Different(`readings/${place}`, 'the times of its registers', `${segment.opening_at} to ${segment.closing_at}`);
    if (i === 0 ? opening.startMinutes !== at : opening.startMinutes < at) throw new Different(`readings/${place}`, 'a part that joins the one before', segment.opening_at);
    if (closing.startMinutes <= opening.startMinutes) throw new Different(`readings/${place}`, 'a closing after its opening', segment.closing_at);
    at = closing.startMinutes;
    let used = BigInt(segment.closing) - BigInt(segment.opening);
    if (used < 0n) used += 1000n * 10n ** BigInt(segment.digits);
    used *= BigInt(segment.multiplier);
    whole(place, used, segment.energy_wh);
    sum += used;
  }
  const last = intervals.at(-1);
  if (readings.segments.length > 0 && at !== last.startMinutes + last.intervalMinutes * last.count) throw new Different('readings/segments', 'registers to the end of the period', 'an earlier end');
  whole('energy_wh', readings.segments.length > 0 ? sum : energy, readings.energy_wh);
  whole('unassigned_wh', BigInt(readings.energy_wh) - energy, readings.unassigned_wh);
  const most = readings.segments.reduce((all, segment) => all + UNASSIGNED_MAX * segment.multiplier, 0);
  if (Math.abs(readings.unassigned_wh) > most) throw new Different('readings/unassigned_wh', `at most ${most} Wh`, readings.unassigned_wh);
  const digest = e.erased === undefined ? toHex(await sha256(concat(...leaves))) : readings.sha256; // without salts there are no leaves to hash
  if (digest !== readings.sha256) throw new Different('readings/sha256', digest, readings.sha256);
  e.dayBlocks = intervals;
  const byPersons = readings.edited_intervals + readings.edited_registers === 0 ? ''
    : `; entered or accepted by a person: ${howMany(readings.edited_intervals, 'interval')}, ${howMany(readings.edited_registers, 'register')}`;
  return `${howMany(intervals.length, 'day')}, ${howMany(counted, 'interval')}, ${readings.segments.length === 0 ? 'no register' : howMany(readings.segments.length, 'meter')}, ${readings.energy_wh} Wh${byPersons}`;
}

/** Each interval of the day blocks: local date, minute of the day at which it starts, Wh. */
function* slotsOf(blocks, formatter) {
  for (const block of blocks) {
    const isPlain = block.intervalMinutes * block.count === 1440; // no clock was changed: the minutes count up from midnight
    for (let n = 0; n < block.count; n++) {
      let minute = n * block.intervalMinutes;
      if (!isPlain) {
        const parts = Object.fromEntries(formatter.formatToParts(new Date((block.startMinutes + minute) * 60000)).map((part) => [part.type, part.value]));
        minute = Number(parts.hour) * 60 + Number(parts.minute);
      }
      yield { date: block.day.date, minute, wh: block.values[n] };
    }
  }
}

function compareAmounts(b, e, readingsHold) {
  const tariff = e.tariff.object;
  if (!readingsHold && goesByTime(tariff)) return new NotRun('not checked: prices go by the time of day, and the readings do not hold');
  const slots = () => slotsOf(e.dayBlocks, zoneFormatter(b.time_zone));
  const inputs = { ...b.inputs, slots, unassigned_wh: b.readings.unassigned_wh, from: b.period.from, to: b.period.to, issued: b.issued, kwh: new Fraction(BigInt(b.readings.energy_wh), 1000n) };
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
  whole('gross', rated.gross, b.gross_paise);
  whole('net', rated.net, b.net_paise);
  whole('rounding', rated.rounding, b.rounding_paise);
  whole('total', rated.total, b.total_paise);
  const inputsOfLines = lineInputs(tariff);
  for (const [i, ours] of rated.lines.entries()) compareWords(ours, inputsOfLines.get(ours.id), b.lines[i]);
  if (tariff.currency !== b.currency) throw new Different('currency', tariff.currency, b.currency, null, true);
  return `${howMany(rated.lines.length, 'line')}, total ${b.currency} ${rated.total.money()}`;
}

/** What a line says beside its amounts: checked last, because a word that is not the logged one is found by the commitment first. */
function compareWords(ours, inputs, theirs) {
  const differs = (one, other) => new Different(ours.id, one, other, null, true);
  if (!isValue(ours.quantity, theirs.quantity)) throw differs(ours.quantity, theirs.quantity);
  if (!isRate(ours.rate, theirs.rate)) throw differs(ours.rate?.asGiven() ?? '', theirs.rate);
  if (theirs.unit !== ours.unit) throw differs(ours.unit, theirs.unit);
  // Bills were made before one month was written without its s; they stay right.
  if (theirs.formula !== ours.formula && theirs.formula !== ours.formula.replace(/ (month|day) = /g, ' $1s = ')) throw differs(ours.formula, theirs.formula);
  const isSame = (one, other) => one.length === other.length && one.every((word, i) => word === other[i]);
  if (!isSame(ours.sources, theirs.sources)) throw differs(ours.sources.join(', '), theirs.sources.join(', '));
  if (!isSame(inputs, theirs.inputs)) throw differs(inputs.join(', '), theirs.inputs.join(', '));
}

/** Where the quantity of each line of a tariff comes from, by the line's id, in the words of proof-format.md. */
function lineInputs(tariff) {
  const stated = { kvah: 'input:kvah', kw_max: 'input:kw_max', kwh_export: 'input:kwh_export' }; // energy of the grid is read, the rest is stated
  const quantityOf = (component) => stated[component.quantity] ?? 'readings';
  const named = (names) => [...new Set(names.filter((name) => !isAbsent(name)))].map((name) => `external:${name}`);
  const ofLines = (ids) => ids.map((id) => `line:${id}`);
  const of = (component) => {
    switch (component.kind) {
      case 'blocks': {
        const bands = (component.tables ?? [component]).flatMap((table) => table.bands);
        return [quantityOf(component), ...named(bands.flatMap((band) => [band.external, band.upto_external]))];
      }
      case 'unit': return [quantityOf(component), ...named([component.external])];
      case 'fixed': return [...(component.basis !== 'connection' || component.bands_by_load?.length ? ['load'] : []), ...named([component.external])];
      case 'percent': return [...ofLines(component.of.map((item) => item.id)), ...named([component.external])];
      case 'tod': return ['readings', ...ofLines(component.base ?? [])];
      default: return ['readings', 'input:prices'];
    }
  };
  const charges = tariff.components.map((component) => component.id);
  const all = new Map(tariff.components.map((component) => [component.id, of(component)]));
  if (tariff.minimum) all.set('minimum', ofLines(charges.filter((id) => !(tariff.minimum.exclude ?? []).includes(id))));
  for (const subsidy of tariff.subsidies ?? []) {
    const ofSubsidy = {
      per_unit_blocks: ['readings'], free_units: ['readings', ...ofLines(charges)], consumer_pays_table: ['readings', ...ofLines(charges)], entitlement: [`external:${subsidy.id}`],
    };
    all.set(subsidy.id, ofSubsidy[subsidy.form] ?? ofLines(charges));
  }
  for (const rebate of tariff.rebates ?? []) all.set(rebate.id, { percent: ofLines(rebate.of ?? []), per_unit: ['readings'] }[rebate.form] ?? []);
  return all;
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
    let verdict;
    try {
      verdict = await verifyBill({ bill: octets('bill'), proof: octets('proof'), evidence: octets('evidence'), keys, witnesses });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      verdict = { verdict: 'UNREADABLE', file: error.file, place: error.place, error: error.message };
    }
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
  }
}

/** A verdict as it stands on the screen, line for line as `praman verify` writes it. */
function textOf(verdict) {
  const lines = [`${verdict.verdict}  bill ${verdict.bill_no}, total ${new Fraction(BigInt(verdict.total_paise), 100n).money()}`];
  for (const one of verdict.checks) lines.push(`  ${one.ok === null ? '?' : one.ok ? '✓' : '✗'} ${one.name}: ${one.detail}`);
  if (verdict.estimated.intervals > 0) lines.push(`  estimated: ${howMany(verdict.estimated.intervals, 'interval')}, ${verdict.estimated.wh} Wh`);
  if (verdict.edited.intervals + verdict.edited.registers > 0) lines.push(`  entered or accepted by a person: ${howMany(verdict.edited.intervals, 'interval')}, ${howMany(verdict.edited.registers, 'register')}`);
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

/** What the arguments ask for; the first that cannot be followed is refused with what was expected. */
function readArguments(args) {
  const asked = { files: [], keys: [], witnesses: 1, json: false, many: false, help: false };
  const rest = args.flatMap((arg) => (/^--[a-z-]+=/.test(arg) ? [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] : [arg]));
  while (rest.length > 0) {
    const arg = rest.shift();
    if (arg === '--help' || arg === '-h') asked.help = true;
    else if (arg === '--json') asked.json = true;
    else if (arg === '--batch') asked.many = true;
    else if (arg === '--log-key') {
      const given = rest.shift();
      if (!given) throw new Refused('--log-key: a key, or a file of keys, is expected');
      asked.keys.push(given);
    } else if (arg === '--witnesses') {
      const given = rest.shift() ?? '';
      if (!/^\d{1,4}$/.test(given) || Number(given) > WITNESSES_MAX) throw new Refused(`--witnesses: a number from 0 to ${WITNESSES_MAX} is expected`);
      asked.witnesses = Number(given);
    } else if (arg.startsWith('-')) throw new Refused(`${arg}: no such option; FILE…, --log-key KEYS, --witnesses N, --json, --batch and --help are known`);
    else asked.files.push(arg);
  }
  return asked;
}

/** The octets of a file; the reason why not, with its path as it was given. */
function readGiven(fs, path, lengthMax, expected) {
  let size;
  try {
    size = fs.statSync(path).size;
  } catch {
    throw new Refused(`${path}: no such file; ${expected} expected`);
  }
  if (size > lengthMax) throw new Refused(`${path}: more than ${lengthMax} octets; ${expected} expected`);
  try {
    return new Uint8Array(fs.readFileSync(path));
  } catch (error) {
    throw new Refused(`${path}: cannot be read (${error.code}); ${expected} expected`);
  }
}

/** Keys that were given as such or in a file, with the line where one is at fault. */
async function readKeys(fs, given) {
  const isFile = fs.existsSync(given);
  const lines = isFile ? new TextDecoder().decode(readGiven(fs, given, KEY_FILE_MAX, 'a file of keys, one a line, is')).split('\n') : [given];
  const keys = [];
  for (const [i, line] of lines.entries()) {
    const key = line.trim();
    if (isFile && (key === '' || key.startsWith('#'))) continue;
    try {
      await parseKey(key);
    } catch (error) {
      throw new Refused(`--log-key: ${isFile ? `${given}: line ${i + 1}` : `"${given}" (no such file, and no key)`}: expected ${error.expected ?? error.message}`);
    }
    keys.push(key);
  }
  return keys;
}

async function main(args) {
  const fs = await import('node:fs');
  const { join } = await import('node:path');
  const { files, keys: givenKeys, witnesses, json, many, help } = readArguments(args);
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const keys = [];
  for (const one of givenKeys) keys.push(...await readKeys(fs, one));
  if (many) {
    await batch(keys, witnesses);
    return;
  }
  if (files.length === 0) throw new Refused('no file is given; bill.json, bill.tlog-proof and bill.evidence.json are expected (--help tells more)');
  const given = {};
  const names = {}; // as they were given, by usual name
  const isFolder = (path) => fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const inFolder = (path) => Object.values(USUAL_NAMES).map((name) => join(path, name)).filter((one) => fs.existsSync(one));
  for (const file of files.flatMap((path) => (isFolder(path) ? inFolder(path) : [path]))) {
    const octets = readGiven(fs, file, FILE_MAX, 'bill.json, bill.tlog-proof and bill.evidence.json are');
    const kind = kindOf(octets);
    if (Object.hasOwn(given, kind)) throw new Refused(`${file}: a second ${USUAL_NAMES[kind]}; the files of one bill are expected`);
    given[kind] = octets;
    names[USUAL_NAMES[kind]] = file;
  }
  if (!given.bill) throw new Refused('no bill.json is among the files');
  let verdict;
  try {
    verdict = await verifyBill({ ...given, keys, witnesses });
  } catch (error) {
    throw error instanceof Unreadable ? new Refused(error.textFor(names)) : error;
  }
  process.stdout.write(json ? `${JSON.stringify(verdict)}\n` : textOf(verdict));
  process.exitCode = verdict.verdict.startsWith('VALID') ? 0 : 1;
}

if (isNode && process.argv[1] && import.meta.url === new URL(`file://${(await import('node:fs')).realpathSync(process.argv[1])}`).href) {
  main(process.argv.slice(2)).catch((error) => {
    process.stderr.write(`praman-verifier: ${error.message}\n`);
    process.exitCode = 2;
  });
}
