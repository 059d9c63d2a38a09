/** What of a job is SQL: the tables that its program creates, writes and reads. Names mean what they mean where they are written. */
import { isError, messageOf, SluiceError } from '../../core/errors.ts';
import type { Uid } from '../../core/numbers.ts';
import { typeText, type Column } from '../../core/types.ts';
import type { Insert, QueryStatement, Statement } from '../../sql/ast.ts';
import { changeCatalogs, isCatalogStatement } from '../../sql/catalog-change.ts';
import { newCatalogs, pathText, tableNames, tablePath } from '../../sql/catalog.ts';
import { parseQualifiedName, parseScript, parseStatement } from '../../sql/parse.ts';
import { planContext, withAbsolutePaths, type Surroundings } from '../../sql/plan-catalog.ts';
import type { PlanContext } from '../../sql/plan-context.ts';
import { planParts, type Part, type PlannedParts } from '../../sql/plan-parts.ts';
import { storedColumns } from '../../sql/stored-columns.ts';
import { refuse } from '../refusal.ts';
import type { TableSink } from '../sink/table.ts';
import type { Transformation } from '../transformation.ts';
import { checkedUid } from '../uid.ts';
import { optionsText, quoted } from './text.ts';

/** A table of SQL whose rows the program makes. SQL plans it as a table that is read; in the job, nothing is read. */
export interface FilledTable {
  /** `catalog.database.table`. */
  readonly path: string;
  /** What its rows are made of. */
  readonly input: Transformation;
  /** The column that has the event time of the stream; null: none. */
  readonly rowTime: string | null;
  /** The sink that its rows are for; null: any statement reads it. */
  readonly sink: WrittenTable | null;
}

export interface WrittenTable {
  readonly uid: Uid;
  readonly path: string;
}

export class SqlPart {
  readonly filled: FilledTable[] = [];
  readonly inserts: Part<Insert>[] = [];
  readonly #queries: Part<QueryStatement>[] = [];
  readonly #surroundings: Surroundings;
  readonly #options: Readonly<Record<string, string>>;
  #catalogs = newCatalogs();

  constructor(surroundings: Surroundings, options: Readonly<Record<string, string>>) {
    this.#surroundings = surroundings;
    this.#options = options;
  }

  /** Definitions take effect at once; INSERTs become part of the job. */
  execute(text: string): void {
    for (const statement of parseScript(text)) this.#execute(statement);
  }

  /** The number of a query, by which `planned` has its output. */
  query(text: string): number {
    const statement = parseStatement(text);
    if (statement.kind !== 'query') return refuse('job.query', 'the statement is no query', 'Other statements go to job.sql.');
    return this.#queries.push({ statement, context: this.#context(text) }) - 1;
  }

  /** A table with the values of a stream; `columns` as they stand in CREATE TABLE. */
  fill(name: string, columns: string, input: Transformation, rowTime: string | null, sink: WrittenTable | null = null): void {
    this.execute(`CREATE TABLE ${quoted(name)} (${columns}${rowTime === null ? '' : `, WATERMARK FOR ${quoted(rowTime)} AS ${quoted(rowTime)}`}) WITH (${optionsText(NOWHERE)})`);
    this.filled.push({ path: this.#pathOf(quoted(name)), input, rowTime, sink });
  }

  /** An INSERT of the values of a stream. */
  write<Row>(uid: string, sink: TableSink<Row>, input: Transformation): void {
    const where = `sink ${uid}`;
    const own = checkedUid(uid, where);
    if (this.filled.some((filled) => filled.sink?.uid === own)) refuse(where, `another sink has the uid '${uid}'`, 'Give each a uid of its own, or write the union of the streams.');
    ofSink(where, () => {
      const create = sink.create(uid);
      if (create !== null) this.execute(create);
      const name = sink.name ?? quoted(uid);
      if (create === null) this.#requireTable(name);
      const rows = `${uid} rows`;
      this.fill(rows, columnsText(this.#storedColumns(name)), input, null, { uid: own, path: this.#pathOf(name) });
      this.execute(`INSERT INTO ${name} SELECT * FROM ${quoted(rows)}`);
    });
  }

  /** The nodes of all statements; tables that the program fills are sources among them. */
  planned(): PlannedParts {
    return planParts(this.inserts, this.#queries, this.#options);
  }

  #execute(statement: Statement): void {
    if (isCatalogStatement(statement)) {
      this.#catalogs = changeCatalogs(this.#catalogs, withAbsolutePaths(statement, this.#surroundings), { ...this.#surroundings, options: this.#options });
      return;
    }
    if (statement.kind === 'insert') this.#insert(statement);
    else if (statement.kind === 'statement-set') for (const insert of statement.inserts) this.#insert(insert);
    else refuse('job.sql', `a statement of this kind (${statement.kind}) is no part of a job`, 'It takes CREATE, ALTER, DROP, USE and INSERT; queries go to job.query, options to defineJob(name, { options }, …).');
  }

  #insert(statement: Insert): void {
    this.inserts.push({ statement, context: this.#context(statement.source) });
  }

  #context(source: string): PlanContext {
    return planContext(this.#catalogs, source, this.#surroundings, this.#options, 'scripted');
  }

  #pathOf(name: string): string {
    return pathText(tablePath(this.#catalogs, parseQualifiedName(name), name));
  }

  /** The nearest name is told by whoever looks for the table; where none is near, all of them are. */
  #requireTable(name: string): void {
    try {
      this.#context(name).sink(parseQualifiedName(name));
    } catch (error) {
      if (!isError(error, 'SQL_VALIDATE') || error.hint !== undefined) throw error;
      throw new SluiceError(error.code, { message: error.message, details: error.details, cause: error, hint: tablesHint(tableNames(this.#catalogs)) });
    }
  }

  #storedColumns(name: string): readonly Column[] {
    return storedColumns(this.#context(name).sink(parseQualifiedName(name)).columns).map(({ column }) => column);
  }
}

/** A connector that takes columns of all types; nobody opens it. */
const NOWHERE = { connector: 'kafka', topic: '-', 'properties.bootstrap.servers': '-', 'scan.startup.mode': 'earliest-offset', format: 'json' };

const NAMED_MAX = 10;

function tablesHint(names: readonly string[]): string {
  if (names.length === 0) return "create it before: job.sql('CREATE TABLE …')";
  return `create it before: job.sql('CREATE TABLE …'); so far there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, NAMED_MAX).join(', ')}${names.length > NAMED_MAX ? ', …' : ''}`;
}

const columnsText = (columns: readonly Column[]): string => columns.map(({ name, type, nullable }) => `${quoted(name)} ${typeText(type)}${nullable ? '' : ' NOT NULL'}`).join(', ');

/** The program has written none of the statements: what is wrong is said of the sink. */
function ofSink(where: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isError(error)) throw error;
    const { code, hint, details } = error;
    throw new SluiceError(code, { message: `${where}: ${messageOf(error)}`, details, cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

