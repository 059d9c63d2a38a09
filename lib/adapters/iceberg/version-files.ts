/** `v<N>.metadata.json` of one table: which there are, which is the newest, and the next one. */
import { SluiceError } from '../../core/errors.ts';
import type { Blob } from '../../ports/blob.ts';
import type { LoadedTable } from './catalog.ts';
import { createFile, readFile, type FileIO } from './file-io.ts';
import { jsonText } from './json.ts';
import { parseTableMetadata, type TableMetadata } from './metadata.ts';

const HINT = 'version-hint.text';
const NAME = /^v(\d+)\.metadata\.json$/;
/** How Iceberg's Java library names them with `write.metadata.compression-codec` = gzip. */
const COMPRESSED = /^v\d+(\.gz\.metadata\.json|\.metadata\.json\.gz)$/;
const PAGE = 1000;
const PAGES_MAX = 1000;
/** Versions that may appear while one reader looks for the newest. */
const AHEAD_MAX = 10_000;

export class VersionFiles {
  readonly #io: FileIO;
  /** Ends with `/`. */
  readonly #directory: string;

  constructor(io: FileIO, directory: string) {
    this.#io = io;
    this.#directory = directory;
  }

  locationOf(version: number): string {
    return `${this.#directory}v${version}.metadata.json`;
  }

  /**
   * The newest version; null if there is none. The hint only says where to begin: versions behind it are looked for one by one, and where it
   * is missing or names a file that is gone, the directory is listed.
   */
  async newest(): Promise<LoadedTable | null> {
    const hinted = await this.#hint();
    const begin = hinted === null ? null : await this.#read(hinted);
    if (hinted !== null && begin !== null) return this.#newestFrom(hinted, begin);
    const listed = (await this.versions()).at(-1);
    const last = listed === undefined ? null : await this.#read(listed);
    return listed === undefined || last === null ? null : this.#newestFrom(listed, last);
  }

  /**
   * True if this version is there and no newer one is hinted at. Old versions may be removed, oldest first, so that a free name behind a version
   * does not say that it is the newest, unless that is still there. A hint at something else is looked into, as `versions` does.
   */
  async isCurrent(version: number): Promise<boolean> {
    const hinted = (await this.#hint()) ?? version;
    if (hinted <= version) return this.has(version);
    return !(await this.has(hinted)) && (await this.versions()).at(-1) === version;
  }

  async has(version: number): Promise<boolean> {
    const { blob, key } = this.#io.at(this.locationOf(version));
    return (await blob.get(key, { start: 0, end: 1 })) !== null;
  }

  /** Comes after the commit, and may fail: files that nobody asks for any more stay then. */
  async forget(locations: readonly string[]): Promise<void> {
    for (const location of locations) {
      const { blob, key } = this.#io.at(location);
      await blob.remove(key).catch(() => {});
    }
  }

  /** Ascending. Throws OPTION_INVALID if some are compressed: their names are not those that a commit would find taken. */
  async versions(): Promise<number[]> {
    const names = await namesIn(this.#io.at(`${this.#directory}v`));
    const compressed = names.find((name) => COMPRESSED.test(name));
    if (compressed !== undefined) throw compressedRefused(`${this.#directory}${compressed}`);
    return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number).toSorted((a, b) => a - b);
  }

  /** The commit point: false if somebody else has made this version. */
  create(version: number, metadata: TableMetadata): Promise<boolean> {
    return createFile(this.#io, this.locationOf(version), new TextEncoder().encode(jsonText(metadata)));
  }

  /**
   * Removes a version that was just created under a name that had been taken and removed before: newer ones are there, and a gap lies between.
   * False if it may be what newer ones follow.
   */
  async withdraw(version: number): Promise<boolean> {
    const found = await this.versions();
    const isStray = found.includes(version) && !found.includes(version + 1) && found.some((other) => other > version);
    if (isStray) await this.#remove(version);
    return isStray;
  }

  /** Version 1, just created, goes if the table has others: it had been there, and its first versions were removed since. True if it is alone. */
  async isFirst(): Promise<boolean> {
    const isAlone = (await this.versions()).every((version) => version <= 1);
    if (!isAlone) await this.#remove(1);
    return isAlone;
  }

  async #remove(version: number): Promise<void> {
    const { blob, key } = this.#io.at(this.locationOf(version));
    await blob.remove(key);
  }

  /** Comes after the commit, and may fail: readers find the newest version without it. A hint at a newer version that is there stays. */
  async leaveHint(version: number): Promise<void> {
    const { blob, key } = this.#io.at(this.#directory + HINT);
    try {
      const hinted = await this.#hint();
      if (hinted !== null && hinted > version && (await this.has(hinted))) return;
      await blob.remove(key);
      await blob.put(key, new TextEncoder().encode(String(version)));
    } catch {
      // The hint is missing or old, which readers are prepared for.
    }
  }

  async #hint(): Promise<number | null> {
    const bytes = await readFile(this.#io, this.#directory + HINT);
    const text = bytes === null ? '' : new TextDecoder().decode(bytes).trim();
    return /^\d{1,15}$/.test(text) ? Number(text) : null;
  }

  async #newestFrom(version: number, metadata: TableMetadata): Promise<LoadedTable> {
    let newest = { version, metadata };
    for (let next = version + 1; next <= version + AHEAD_MAX; next++) {
      const found = await this.#read(next);
      if (found === null) return { location: this.locationOf(newest.version), metadata: newest.metadata };
      newest = { version: next, metadata: found };
    }
    throw new SluiceError('CONTENTION', { message: `${this.locationOf(version)}: ${AHEAD_MAX} newer versions, and no end of them` });
  }

  async #read(version: number): Promise<TableMetadata | null> {
    const location = this.locationOf(version);
    const bytes = await readFile(this.#io, location);
    return bytes === null ? null : parseTableMetadata(new TextDecoder().decode(bytes), location);
  }
}

/** N of `…/v<N>.metadata.json`; null for another name. */
export function versionOf(location: string): number | null {
  const version = NAME.exec(location.slice(location.lastIndexOf('/') + 1))?.[1];
  return version === undefined ? null : Number(version);
}

/** Names of the files directly below a prefix's directory that begin with the rest of the prefix. */
async function namesIn({ blob, key: prefix }: { blob: Blob; key: string }): Promise<string[]> {
  const names: string[] = [];
  let after = '';
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await blob.list(prefix, { after, limit: PAGE });
    names.push(...found.map(({ key }) => key.slice(prefix.lastIndexOf('/') + 1)));
    if (found.length < PAGE) return names;
    after = found.at(-1)?.key ?? after;
  }
  throw new SluiceError('STORE_FAILED', { message: `more than ${PAGE * PAGES_MAX} files begin with ${prefix}`, hint: 'expire old metadata files of the table' });
}

const compressedRefused = (file: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `${file} is compressed`, hint: "Set 'write.metadata.compression-codec' to 'none' and write the table once; Sluice does not compress metadata in a hadoop catalog." });
