// Usage: node scripts/front.mjs BUILT SITE
// Writes the files of the site to the folder SITE: those of public/, the minified style sheets, and from BUILT the
// WASM and its minified JavaScript. Compressible files are also written in brotli and gzip form.
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const require = createRequire(join(process.env.ROUTEBOOK_TOOLS, 'node', 'package.json'));
const { bundle } = require('lightningcss');
const esbuild = require('esbuild');

const [built, site] = process.argv.slice(2);
const pkg = join(site, 'pkg');
mkdirSync(pkg, { recursive: true });
cpSync('public', site, { recursive: true });

// CSS features are rewritten for these versions, the oldest that run the WASM and the loader.
const version = (major, minor = 0) => (major << 16) | (minor << 8);
const targets = { chrome: version(109), firefox: version(115), safari: version(15, 6), ios_saf: version(15, 6) };
for (const sheet of ['site', 'home', 'reference', 'response', 'search', 'portal']) {
  const { code } = bundle({ filename: `style/${sheet}.css`, minify: true, targets });
  writeFileSync(join(pkg, `${sheet}.css`), code);
}

// wasm-opt has given short names to the imports and exports of the module.
const { imports, exports } = JSON.parse(readFileSync(join(built, 'names.json'), 'utf8'));
const imported = new Map(imports.map(([, name, short]) => [name, short]));
const exported = new Map(exports);
const script = readFileSync(join(built, 'routebook.js'), 'utf8')
  .replace(/(?<=^ {8})\w+(?=: function)/gm, (name) => imported.get(name) ?? name)
  .replace(/(?<=\bwasm\.)\w+/g, (name) => exported.get(name) ?? name)
  .replace('"./routebook_bg.js": import0', 'a: import0');
const module = new WebAssembly.Module(readFileSync(join(built, 'routebook.wasm')));
const missing = WebAssembly.Module.imports(module).filter(({ module, name }) => module !== 'a' || !script.includes(` ${name}: function`));
if (missing.length) throw new Error(`the JavaScript of wasm-bindgen has another form than expected: it lacks ${JSON.stringify(missing)}`);
const glue = esbuild.transformSync(script, { minify: true, format: 'esm' });
writeFileSync(join(pkg, 'routebook.js'), glue.code);
cpSync(join(built, 'routebook.wasm'), join(pkg, 'routebook.wasm'));

const compressible = new Set(['.css', '.ico', '.js', '.json', '.svg', '.txt', '.wasm', '.xml']);
for (const name of readdirSync(site, { recursive: true })) {
  const path = join(site, name);
  if (!statSync(path).isFile() || !compressible.has(extname(name))) continue;
  const bytes = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
