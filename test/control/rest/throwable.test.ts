import { expect, test } from 'vitest';
import { failureCause, failureOf } from '../../../lib/control/rest/throwable.ts';
import { SluiceError } from '../../../lib/core/errors.ts';
import { jobId } from '../../../lib/core/numbers.ts';

const JOB = jobId('0'.repeat(31) + '1');
/** `ObjectInputStream` of JDK 17 has read it as a `SerializedThrowable` of Flink 2.1.1 whose message is `a.B: m`. */
const READ_BY_JAVA = [
  'rO0ABXNyAClvcmcuYXBhY2hlLmZsaW5rLnV0aWwuU2VyaWFsaXplZFRocm93YWJsZWUWnfUfpxPzAgADTAAZZnVsbFN0cmluZ2lmaWVkU3RhY2tUcmFjZXQA',
  'EkxqYXZhL2xhbmcvU3RyaW5nO0wAFm9yaWdpbmFsRXJyb3JDbGFzc05hbWVxAH4AAVsAE3NlcmlhbGl6ZWRFeGNlcHRpb250AAJbQnhyABNqYXZhLmxhbmcu',
  'RXhjZXB0aW9u0P0fPho7HMQCAAB4cgATamF2YS5sYW5nLlRocm93YWJsZdXGNSc5d7jLAwAETAAFY2F1c2V0ABVMamF2YS9sYW5nL1Rocm93YWJsZTtMAA1k',
  'ZXRhaWxNZXNzYWdlcQB+AAFbAApzdGFja1RyYWNldAAeW0xqYXZhL2xhbmcvU3RhY2tUcmFjZUVsZW1lbnQ7TAAUc3VwcHJlc3NlZEV4Y2VwdGlvbnN0ABBM',
  'amF2YS91dGlsL0xpc3Q7eHBwdAAGYS5COiBtcHB4dAAGYS5COiBtdAADYS5CcA==',
].join('');

const bytesOf = (message: string): Buffer => Buffer.from(failureCause({ type: 'a.B', message })['serialized-throwable'], 'base64');

test('the bytes are those that Java has read', () => {
  expect(bytesOf('m').toString('base64')).toBe(READ_BY_JAVA);
});

test('texts are modified UTF-8 behind two bytes of length', () => {
  const text = (message: string): string => {
    const bytes = bytesOf(message);
    const at = bytes.indexOf('a.B: ');
    return bytes.subarray(at + 5, at - 2 + 2 + bytes.readUInt16BE(at - 2)).toString('hex');
  };
  expect(text('aä€')).toBe('61c3a4e282ac');
  expect(text('\0')).toBe('c080');
  expect(text('😀')).toBe('eda0bdedb880');
});

test('a message that Java could not take is cut', () => {
  expect(bytesOf('€'.repeat(100_000)).length).toBeLessThan(130_000);
  expect(failureCause({ type: 'a.B', message: 'x'.repeat(100_000) })['stack-trace']).toHaveLength(20_005);
});

test('causes: Flink has a class for a job that is not there, a defect says nothing, all else says what and what to do', () => {
  expect(failureOf(new SluiceError('JOB_UNKNOWN', { message: 'm' }), JOB, 'o.E')).toEqual({ type: 'org.apache.flink.runtime.messages.FlinkJobNotFoundException', message: `Could not find Flink job (${JOB})` });
  expect(failureOf(null, JOB, 'o.E')).toEqual({ type: 'o.E', message: 'Internal server error.' });
  expect(failureOf(new SluiceError('JOB_STATE', { message: 'm', hint: 'h' }), JOB, 'o.E')).toEqual({ type: 'o.E', message: 'JOB_STATE: m\nhint: h' });
});
