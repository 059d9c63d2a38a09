/** An SQL session: current catalog and database, options, and statements executed one after the other. */
import type { JobId } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { StartOptions } from '../engine/lifecycle/start.ts';
import type { Explain, Insert, SetOption, Statement } from '../sql/ast.ts';
import { changeCatalogs, type CatalogStatement } from '../sql/catalog-change.ts';
import { sqlError } from '../sql/diagnostic.ts';
import { explainPlan } from '../sql/explain.ts';
import { planContext, withAbsolutePaths, type Surroundings } from '../sql/plan-catalog.ts';
import { planInsert } from '../sql/plan.ts';
import { locatedInStatement, statementsOf, type RawQuery } from '../sql/script.ts';
import { SessionSettings } from '../sql/session-settings.ts';
import { CatalogStore } from './catalog-store.ts';
import { createJob } from './operations.ts';
import { describeTable, showCreateTable, showSubject } from './show.ts';
import { listTable, resultColumn, type ResultTable } from './table.ts';
import { databasesOf, fileTables } from './tables.ts';

/** What a statement gave. `text`: a document, printed as it is. */
export type StatementResult =
  | { readonly kind: 'ok' }
  | { readonly kind: 'table' | 'text'; readonly table: ResultTable }
  | { readonly kind: 'job'; readonly job: JobId | null };

export interface SessionParts extends Surroundings {
  readonly workshop: Workshop;
  /** What an INSERT does with its plan; default: it creates a job in the store. A null is an INSERT that was only planned. */
  readonly submit?: (plan: Plan, options: StartOptions) => Promise<JobId | null>;
}

const OK: StatementResult = { kind: 'ok' };

export class SqlSession {
  readonly #parts: SessionParts;
  readonly #catalogs: CatalogStore;
  readonly #settings = new SessionSettings();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#catalogs = new CatalogStore(parts.workshop.ports);
  }

  /** Executes a script; what stood before a statement that fails stays done. */
  async *run(text: string): AsyncGenerator<StatementResult> {
    const statements = statementsOf(text, () => this.#settings.isBatch);
    for (;;) {
      const { value, done } = statements.next();
      if (done === true) return;
      yield await this.#locating(value);
    }
  }

  async #locating(statement: Statement | RawQuery): Promise<StatementResult> {
    try {
      return await this.#execute(statement);
    } catch (error) {
      throw locatedInStatement(error, statement);
    }
  }

  async #execute(statement: Statement | RawQuery): Promise<StatementResult> {
    switch (statement.kind) {
      case 'raw-query':
        return this.#query(statement.text);
      case 'query':
        throw sqlError('SQL_UNSUPPORTED', statement.source, statement.span, 'a SELECT that never ends', STREAMING_HINT);
      case 'insert':
        return this.#insert(statement);
      case 'explain':
        return this.#explain(statement);
      case 'set':
        return this.#set(statement);
      case 'reset':
        this.#settings.reset(statement);
        return OK;
      case 'show':
        return { kind: 'table', table: await showSubject(statement.what, await this.#catalogs.read(), this.#parts.workshop) };
      case 'show-create-table':
        return { kind: 'text', table: showCreateTable(statement, await this.#catalogs.read()) };
      case 'describe':
        return { kind: 'table', table: describeTable(statement, await this.#catalogs.read(), this.#parts) };
      default:
        return this.#change(statement);
    }
  }

  async #change(statement: CatalogStatement): Promise<StatementResult> {
    const resolved = withAbsolutePaths(statement, this.#parts);
    await this.#catalogs.change((catalogs) => changeCatalogs(catalogs, resolved));
    return OK;
  }

  #set(statement: SetOption): StatementResult {
    this.#settings.set(statement);
    return statement.option === null ? { kind: 'table', table: { columns: [resultColumn('key'), resultColumn('value')], rows: this.#settings.sorted() } } : OK;
  }

  async #insert(insert: Insert): Promise<StatementResult> {
    const plan = await this.#plan(insert);
    const { savepoint, allowNonRestored } = this.#settings;
    const options: StartOptions = { savepoint: savepoint === null ? null : this.#parts.resolvePath(savepoint), allowNonRestored };
    const submit = this.#parts.submit ?? ((p, o) => createJob(this.#parts.workshop, p, o));
    return { kind: 'job', job: await submit(plan, options) };
  }

  async #explain({ statement }: Explain): Promise<StatementResult> {
    if (statement.kind === 'insert') return { kind: 'text', table: listTable('result', [explainPlan(await this.#plan(statement))]) };
    throw sqlError('SQL_UNSUPPORTED', statement.source, statement.span, 'EXPLAIN of a SELECT', 'Explain the INSERT that it belongs to.');
  }

  async #plan(insert: Insert): Promise<Plan> {
    return planInsert(insert, planContext(await this.#catalogs.read(), insert.source, this.#parts, this.#settings.ofPlan()));
  }

  async #query(text: string): Promise<StatementResult> {
    const catalogs = await this.#catalogs.read();
    // DuckDB takes time and memory to load, which only queries shall pay for.
    const { runQuery } = await import('./query.ts');
    const table = await runQuery(text, {
      databases: databasesOf(catalogs),
      tables: fileTables(catalogs, this.#parts.warehouse),
      current: { catalog: catalogs.currentCatalog, database: catalogs.currentDatabase },
      openDirectory: this.#parts.workshop.ports.openDirectory,
      access: 'tables',
    });
    return { kind: 'table', table };
  }
}

const STREAMING_HINT = "Query what is there with SET 'execution.runtime-mode' = 'batch', or write the result with INSERT INTO.";
