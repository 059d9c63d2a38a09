/** What `compose.yaml` says, read as text: there is no Docker where tests run. Versions are those of the services, and ports are on loopback. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMPOSE_ENDPOINTS } from './environment.ts';
import { DYNAMODB_LOCAL_VERSION, KAFKA_VERSION, LOCALSTACK_VERSION, MINISTACK_VERSION } from './versions.ts';

type Value = string | string[] | { [name: string]: Value } | null;

/** The part of YAML that the file uses: maps and lists of quoted or plain words, by indentation of two. Anything else fails. */
function parseYaml(text: string): Value {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  const value = blockAt(lines, 0);
  expect(lines).toEqual([]);
  return value;
}

const depthOf = (line: string | undefined): number => (line === undefined ? -1 : line.length - line.trimStart().length);

function blockAt(lines: string[], depth: number): Value {
  if (depthOf(lines[0]) < depth) return null;
  return lines[0]?.trim().startsWith('- ') === true ? listAt(lines, depth) : mapAt(lines, depth);
}

function listAt(lines: string[], depth: number): string[] {
  const list: string[] = [];
  while (depthOf(lines[0]) === depth) list.push(wordOf(lines.shift()?.trim().replace(/^- /, '') ?? ''));
  return list;
}

function mapAt(lines: string[], depth: number): { [name: string]: Value } {
  const map: { [name: string]: Value } = {};
  while (depthOf(lines[0]) === depth) {
    const [, name = '', rest = ''] = /^(\w+):(?: (.+))?$/.exec(lines.shift()?.trim() ?? '') ?? [];
    expect(name).not.toBe('');
    expect(map).not.toHaveProperty(name);
    map[name] = rest === '' ? blockAt(lines, depth + 2) : valueOf(rest);
  }
  return map;
}

const valueOf = (text: string): Value => (text.startsWith('[') ? text.slice(1, -1).split(', ').map(wordOf) : wordOf(text));

function wordOf(text: string): string {
  const [, quoted, plain] = /^(?:"([^"\\]*)"|([\w./:-]+))$/.exec(text) ?? [];
  expect(quoted ?? plain, text).toBeDefined();
  return quoted ?? plain ?? '';
}

const isMap = (value: Value | undefined): value is { [name: string]: Value } => typeof value === 'object' && value !== null && !Array.isArray(value);
const mapOf = (value: Value | undefined): { [name: string]: Value } => (isMap(value) ? value : {});

const file = mapOf(parseYaml(readFileSync(new URL('../../compose.yaml', import.meta.url), 'utf8')));
const services = mapOf(file['services']);

test('the images are of the versions that the services have', () => {
  expect(Object.entries(services).map(([name, service]) => [name, mapOf(service)['image']])).toEqual([
    ['kafka', `apache/kafka:${KAFKA_VERSION}`],
    ['dynamodb', `amazon/dynamodb-local:${DYNAMODB_LOCAL_VERSION}`],
    ['s3', `ministackorg/ministack:${MINISTACK_VERSION}`],
    ['aws', `localstack/localstack:${LOCALSTACK_VERSION}`],
  ]);
});

test.each(Object.entries(services))('%s: every port is on loopback, and of its own', (_, service) => {
  const ports = mapOf(service)['ports'];
  expect(ports).toHaveLength(1);
  expect(ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+:\d+$/)]);
});

test('no port is published twice, and the printed environment names them', () => {
  const published = Object.values(services).map((service) => String(mapOf(service)['ports']).replace(/:\d+$/, ''));
  expect(new Set(published).size).toBe(published.length);
  const endpoints = [COMPOSE_ENDPOINTS.kafka, COMPOSE_ENDPOINTS.dynamodb, COMPOSE_ENDPOINTS.s3].map((endpoint) => endpoint.replace('http://', ''));
  expect(published.slice(0, 3)).toEqual(endpoints);
});

test('what Kafka advertises is what is published, and every listener has a protocol', () => {
  const environment = mapOf(mapOf(services['kafka'])['environment']);
  const advertised = String(environment['KAFKA_ADVERTISED_LISTENERS']).split(',');
  expect(advertised).toContain(`HOST://${COMPOSE_ENDPOINTS.kafka}`);
  const listeners = String(environment['KAFKA_LISTENERS']).split(',').map((listener) => listener.split(':')[0]);
  const protocols = String(environment['KAFKA_LISTENER_SECURITY_PROTOCOL_MAP']).split(',').map((protocol) => protocol.split(':')[0]);
  expect(listeners).toEqual(protocols);
  expect(listeners).toEqual(['HOST', 'DOCKER', environment['KAFKA_CONTROLLER_LISTENER_NAMES']]);
});

test('named volumes are declared, and only an AWS emulator is behind a profile', () => {
  const named = Object.values(services).flatMap((service) => [mapOf(service)['volumes'] ?? []].flat()).map((volume) => String(volume).split(':')[0] ?? '');
  const declared = named.filter((name) => !name.startsWith('/'));
  expect(Object.keys(mapOf(file['volumes']))).toEqual(declared);
  expect(Object.entries(services).filter(([, service]) => mapOf(service)['profiles'] !== undefined).map(([name]) => name)).toEqual(['aws']);
});
