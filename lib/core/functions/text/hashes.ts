/** MD5, SHA1, SHA224, SHA256, SHA384, SHA512 and SHA2, as hex digits in lower case. */
import { md5 } from '../../digest/md5.ts';
import { sha1 } from '../../digest/sha1.ts';
import { sha224, sha256, sha384, sha512 } from '../../digest/sha2.ts';
import { SluiceError } from '../../errors.ts';
import { bytesOf, stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { literalNumber } from '../literals.ts';
import { NUMBERS, STRINGS_OR_BYTES, inForms, type Family } from '../operands.ts';
import { isInteger } from '../type-rules.ts';
import { chars } from './result.ts';

type Digest = (bytes: Uint8Array) => Uint8Array;

const utf8 = new TextEncoder();

function hexDigest(digest: Digest, text: Present): string {
  const bytes = typeof text === 'string' ? utf8.encode(stringOf(text)) : bytesOf(text);
  return Array.from(digest(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const hash = (name: string, digits: number, digest: Digest): ScalarFunction => ({
  name,
  resolve: inForms(name, [[STRINGS_OR_BYTES]], chars(digits)),
  compile: strict((text) => hexDigest(digest, text)),
});

/** By the algorithm's name: `SHA-1` is one, but not one of those that a literal may name. */
const SHA: ReadonlyMap<number, Digest> = new Map([
  [224, sha224],
  [256, sha256],
  [384, sha384],
  [512, sha512],
  [1, sha1],
]);

const WHOLE_NUMBERS: Family = { name: 'NUMERIC', accepts: (type) => NUMBERS.accepts(type) && isInteger(type) };

const SHA2: ScalarFunction = {
  name: 'SHA2',
  resolve: (args) => {
    const signature = inForms('SHA2', [[STRINGS_OR_BYTES, WHOLE_NUMBERS]], () => ({ kind: 'VARCHAR', length: 128 }))(args);
    const bits = args[1] === undefined ? null : literalNumber(args[1]);
    return bits === null || (bits > 1 && SHA.has(bits)) ? signature : 'Unsupported algorithm.';
  },
  compile: strict((text, bits) => {
    const digest = SHA.get(Number(bits));
    if (digest !== undefined) return hexDigest(digest, text);
    throw new SluiceError('EXPRESSION_FAILED', { message: `SHA-${Number(bits)} MessageDigest not available`, hint: 'The lengths of SHA2 are 224, 256, 384 and 512.' });
  }),
};

export const HASHES: readonly ScalarFunction[] = [
  hash('MD5', 32, md5),
  hash('SHA1', 40, sha1),
  hash('SHA224', 56, sha224),
  hash('SHA256', 64, sha256),
  hash('SHA384', 96, sha384),
  hash('SHA512', 128, sha512),
  SHA2,
];
