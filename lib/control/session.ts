/** An SQL session: current catalog and database, options, and statements executed one after the other. */
import { isError, SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { StartOptions } from '../engine/lifecycle/start.ts';
import type { OpenTableCatalog } from '../ports/table-catalog.ts';
import type { Explain, Insert, QueryStatement, SetOption, Show, Statement, StatementSet } from '../sql/ast.ts';
import { changeCatalogs, type CatalogStatement } from '../sql/catalog-change.ts';
import { named, viewTexts, type Catalogs } from '../sql/catalog.ts';
import { completionsAt, type Completions } from '../sql/complete.ts';
import { sqlError } from '../sql/diagnostic.ts';
import { explainPlan } from '../sql/explain.ts';
import { planContext, withAbsolutePaths, type Surroundings } from '../sql/plan-catalog.ts';
import type { PlanContext } from '../sql/plan-context.ts';
import { planInsert, planQuery } from '../sql/plan.ts';
import { locatedInStatement, statementsOf, type RawQuery } from '../sql/script.ts';
import { SessionSettings } from '../sql/session-settings.ts';
import { CatalogStore } from './catalog-store.ts';
import { ExternalCatalogs, isExternal, withExternal } from './external-catalogs.ts';
import { createJob } from './operations.ts';
import { describeTable, showCreate, showSubject } from './show.ts';
import type { Changes, StatementResult } from './statement-result.ts';
import { listTable, resultColumn } from './table.ts';
import { withScans } from './scans.ts';
import { databasesOf, fileTables } from './tables.ts';

export interface SessionParts extends Surroundings {
  readonly workshop: Workshop;
  readonly openTableCatalog: OpenTableCatalog;
  /** What an INSERT does with its plan; default: it creates a job in the store. A null is an INSERT that was only planned. */
  readonly submit?: (plan: Plan, options: StartOptions) => Promise<JobId | null>;
  /** Runs a query that never ends, for as long as somebody reads; absent: such queries are refused. */
  readonly openLiveQuery?: (plan: Plan) => Promise<Changes>;
}

const ATTEMPTS_MAX = 8;

const OK: StatementResult = { kind: 'ok' };

export class SqlSession {
  readonly #parts: SessionParts;
  readonly #catalogs: CatalogStore;
  readonly #external: ExternalCatalogs;
  readonly #settings = new SessionSettings();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#external = new ExternalCatalogs(parts.openTableCatalog, parts.warehouse);
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

  /** What may stand at `position`, an offset in `text`; an external catalog that does not answer has no names. */
  async complete(text: string, position: number): Promise<Completions> {
    const catalogs = await this.#catalogs.read();
    return completionsAt(text, position, await this.#reachable(text, catalogs));
  }

  async #reachable(text: string, catalogs: Catalogs): Promise<Catalogs> {
    try {
      return await this.#external.seenBy(text, catalogs);
    } catch (error) {
      if (isError(error)) return catalogs;
      throw error;
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
        return this.#liveQuery(statement);
      case 'insert':
      case 'statement-set':
        return this.#insert(statement);
      case 'explain':
        return this.#explain(statement);
      case 'set':
        return this.#set(statement);
      case 'reset':
        this.#settings.reset(statement);
        return OK;
      case 'show':
        return { kind: 'table', table: await showSubject(statement, await this.#shown(statement), this.#parts) };
      case 'show-create':
        return { kind: 'text', table: showCreate(statement, await this.#seenBy(statement.text)) };
      case 'describe':
        return { kind: 'table', table: describeTable(statement, await this.#seenBy(statement.text), this.#parts) };
      default:
        return this.#change(statement);
    }
  }

  /** What is no part of a catalog is shown whether that can be reached or not. */
  async #shown({ what, text }: Show): Promise<Catalogs> {
    return ['DATABASES', 'TABLES', 'COLUMNS'].includes(what) ? this.#seenBy(text) : this.#catalogs.read();
  }

  async #seenBy(text: string): Promise<Catalogs> {
    const catalogs = await this.#catalogs.read();
    return this.#external.seenBy([text, ...viewTexts(catalogs)].join(' '), catalogs);
  }

  async #change(statement: CatalogStatement): Promise<StatementResult> {
    const resolved = withAbsolutePaths(statement, this.#parts);
    if (statement.kind.endsWith('-catalog')) await this.#changeDefinitions(resolved);
    else await this.#changeContent(resolved);
    return OK;
  }

  /** A catalog that cannot be reached is not kept. */
  async #changeDefinitions(statement: CatalogStatement): Promise<void> {
    const before = await this.#catalogs.read();
    const created = changeCatalogs(before, statement).catalogs.find((catalog) => isExternal(catalog) && named(before.catalogs, catalog.name) === undefined);
    if (created !== undefined) await this.#external.begin(created);
    await this.#catalogs.change((catalogs) => changeCatalogs(catalogs, statement));
  }

  async #changeContent(statement: CatalogStatement): Promise<void> {
    const { warehouse, resolvePath } = this.#parts;
    const session = { warehouse, resolvePath, options: this.#settings.ofPlan() };
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const seen = await this.#seenBy(statement.text);
      const isDone = changeCatalogs(seen, statement, session) === seen || (await this.#external.carryOut(statement, seen));
      if (isDone === null) return this.#catalogs.change((catalogs) => changeCatalogs(withExternal(catalogs, seen), statement, session));
      if (isDone) return;
    }
    throw new SluiceError('CONTENTION', { message: 'others keep changing the same catalog' });
  }

  #set(statement: SetOption): StatementResult {
    this.#settings.set(statement);
    return statement.option === null ? { kind: 'table', table: { columns: [resultColumn('key'), resultColumn('value')], rows: this.#settings.sorted() } } : OK;
  }

  async #insert(insert: Insert | StatementSet): Promise<StatementResult> {
    const plan = await this.#plan(insert);
    const { savepoint, allowNonRestored } = this.#settings;
    const options: StartOptions = { savepoint: savepoint === null ? null : this.#parts.resolvePath(savepoint), allowNonRestored };
    const submit = this.#parts.submit ?? ((p, o) => createJob(this.#parts.workshop, p, o));
    return { kind: 'job', job: await submit(plan, options) };
  }

  async #explain({ statement }: Explain): Promise<StatementResult> {
    const plan = statement.kind === 'query' ? planQuery(statement, await this.#contextOf(statement)) : await this.#plan(statement);
    return { kind: 'text', table: listTable('result', [explainPlan(plan)]) };
  }

  async #plan(insert: Insert | StatementSet): Promise<Plan> {
    return planInsert(insert, await this.#contextOf(insert));
  }

  async #contextOf({ text, source }: Insert | StatementSet | QueryStatement): Promise<PlanContext> {
    const options = this.#settings.ofPlan();
    // Options name tables, too: that of the bad records.
    const named = [text, ...Object.values(options)].join(' ');
    return planContext(await this.#seenBy(named), source, this.#parts, options);
  }

  async #liveQuery(statement: QueryStatement): Promise<StatementResult> {
    const open = this.#parts.openLiveQuery;
    if (open === undefined) throw sqlError('SQL_UNSUPPORTED', statement.source, statement.span, 'a SELECT that never ends', STREAMING_HINT);
    return { kind: 'changes', ...(await open(planQuery(statement, await this.#contextOf(statement)))) };
  }

  async #query(text: string): Promise<StatementResult> {
    const catalogs = await this.#seenBy(text);
    // DuckDB takes time and memory to load, which only queries shall pay for.
    const { runQuery } = await import('./query.ts');
    const databases = databasesOf(catalogs);
    const tables = fileTables(catalogs, this.#parts.warehouse);
    const current = { catalog: catalogs.currentCatalog, database: catalogs.currentDatabase };
    const { openDirectory } = this.#parts.workshop.ports;
    const table = await withScans(catalogs, this.#external, (scans) => runQuery(text, { databases, tables, scans, current, openDirectory, access: 'tables' }));
    return { kind: 'table', table };
  }
}

const STREAMING_HINT = "Query what is there with SET 'execution.runtime-mode' = 'batch', or write the result with INSERT INTO.";
