// Usage: node scripts/order_functions.mjs MODULE NAMED
// Copies a WASM module and names its functions by numbers, so that similar ones follow each other when wasm-opt sorts them
// by name. Most functions of a module are copies of one generic function for different types, and what is similar
// compresses better when it is close.
import { readFileSync, writeFileSync } from 'node:fs';

const [path, named] = process.argv.slice(2);
const module = readFileSync(path);

/** Reads a number (LEB128); returns it with the offset after it. */
function number(at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = module[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

/** Returns a number as LEB128. */
function encoded(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}

/** Returns bytes after their length. */
const sized = (...parts) => {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([encoded(bytes.length), bytes]);
};

// How many values of a function are compared, and the length in bytes of the pieces that they are computed from.
const VALUES = 64;
const PIECE = 4;

/** Returns values of which two functions share about as many as of their pieces (MinHash). */
function signature(body) {
  const values = new Uint32Array(VALUES).fill(2 ** 32 - 1);
  for (let at = 0; at + PIECE <= body.length; at += 1) {
    const piece = body.readUInt32LE(at);
    for (let seed = 0; seed < VALUES; seed += 1) {
      let hash = Math.imul(piece ^ Math.imul(seed, 0x9e3779b9), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
      if (hash < values[seed]) values[seed] = hash;
    }
  }
  return values;
}

/** Returns how similar two functions are; of equally similar ones those of the same length are more so. */
function similarity(one, other) {
  let shared = 0;
  for (let at = 0; at < VALUES; at += 1) if (one.values[at] === other.values[at]) shared += 1;
  return shared - Math.min(0.9, Math.abs(one.length - other.length) / 1000);
}

const CODE = 10;
const CUSTOM = 0;
const sections = [];
const functions = [];
for (let at = 8; at < module.length;) {
  const [size, start] = number(at + 1);
  const id = module[at];
  const isNames = id === CUSTOM && module.subarray(start + 1, start + 5).toString() === 'name';
  if (!isNames) sections.push(module.subarray(at, start + size));
  if (id === CODE) {
    let [count, next] = number(start);
    for (; count > 0; count -= 1) {
      const [length, body] = number(next);
      next = body + length;
      functions.push({ index: functions.length, length, values: signature(module.subarray(body, next)) });
    }
  }
  at = start + size;
}

// Each function is followed by the most similar one that is left.
const left = new Set(functions);
for (let [current, position] = [functions[0], 0]; current; position += 1) {
  current.name = String(position).padStart(5, '0');
  left.delete(current);
  let [next, best] = [undefined, -Infinity];
  for (const other of left) {
    const value = similarity(current, other);
    if (value > best) [next, best] = [other, value];
  }
  current = next;
}

// The section "name" has the names of functions in its part 1; imported functions are counted before those with code.
const imported = WebAssembly.Module.imports(new WebAssembly.Module(module)).filter(({ kind }) => kind === 'function').length;
const names = functions.map(({ index, name }) => Buffer.concat([encoded(imported + index), sized(Buffer.from(name))]));
const part = Buffer.concat([Buffer.from([1]), sized(encoded(names.length), ...names)]);
const section = Buffer.concat([Buffer.from([CUSTOM]), sized(sized(Buffer.from('name')), part)]);
writeFileSync(named, Buffer.concat([module.subarray(0, 8), ...sections, section]));
