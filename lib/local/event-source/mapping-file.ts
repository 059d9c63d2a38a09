/** Mappings in a JSON file, so that a restart goes on where it was. One process per file. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SluiceError } from '../../core/errors.ts';
import type { Phase } from './lifecycle.ts';
import type { Mapping } from './mapping.ts';

/** What is kept of a mapping: its last answer, and what becomes of it. */
export interface StoredMapping {
  readonly mapping: Mapping;
  readonly phase: Phase;
}

export interface MappingFile {
  load(): readonly StoredMapping[];
  save(mappings: readonly StoredMapping[]): void;
}

export const NO_FILE: MappingFile = { load: () => [], save: () => {} };

const VERSION = 1;

/** A file that is not there is empty. Throws FILE_UNREADABLE. */
export function mappingFile(path: string): MappingFile {
  return {
    load: () => parsed(path, read(path)),
    save: (mappings) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, `${JSON.stringify({ version: VERSION, mappings }, null, 2)}\n`);
      renameSync(`${path}.new`, path);
    },
  };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unreadable(path, error);
  }
}

function parsed(path: string, text: string | null): readonly StoredMapping[] {
  if (text === null) return [];
  try {
    const { version, mappings }: { version: number; mappings: StoredMapping[] } = JSON.parse(text);
    if (version === VERSION && Array.isArray(mappings)) return mappings;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw unreadable(path, null);
}

const unreadable = (path: string, cause: unknown): SluiceError =>
  new SluiceError('FILE_UNREADABLE', { message: `${path} is no file of event source mappings`, hint: 'name another file, or remove it to begin without mappings', cause });
