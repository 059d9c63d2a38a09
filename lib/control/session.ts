/** An SQL session: current catalog and database, options, and statements executed one after the other. */
import { isError, SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { StartOptions } from '../engine/lifecycle/start.ts';
import type { OpenTableCatalog } from '../ports/table-catalog.ts';
import type { Explain, Insert, QueryStatement, SetOption, Show, Statement, StatementSet, StatementSetEdge } from '../sql/ast.ts';
import { changeCatalogs, isCatalogStatement, type CatalogStatement } from '../sql/catalog-change.ts';
import { named, viewTexts, type Catalogs } from '../sql/catalog.ts';
import { completionsAt, type Completions } from '../sql/complete.ts';
import { sqlError } from '../sql/diagnostic.ts';
import { explainPlan } from '../sql/explain.ts';
import { planContext, withAbsolutePaths, type Surroundings } from '../sql/plan-catalog.ts';
import type { PlanContext } from '../sql/plan-context.ts';
import { planInsert, planQuery } from '../sql/plan.ts';
import { locatedInStatement, statementOf, statementsOf, type RawQuery } from '../sql/script.ts';
import { SessionSettings } from '../sql/session-settings.ts';
import { CatalogStore } from './catalog-store.ts';
import { ExternalCatalogs, isExternal, withExternal } from './external-catalogs.ts';
import { describeJobRow, stopJobAs } from './job-statements.ts';
import { storeOperations, untilEnded, type Operations } from './operations.ts';
import type { ResultMax } from './query.ts';
import { Rehearsal } from './rehearsal.ts';
import { withoutSecrets } from './secrets.ts';
import { describeTable, showCreate, showSubject } from './show.ts';
import { OpenStatementSet } from './statement-set.ts';
import type { Changes, StatementResult } from './statement-result.ts';
import { listTable, resultColumn } from './table.ts';
import { withScans } from './scans.ts';
import { databasesOf, fileTables } from './tables.ts';

export interface SessionParts extends Surroundings {
  readonly workshop: Workshop;
  readonly openTableCatalog: OpenTableCatalog;
  /** Default: this process does them, on the store. */
  readonly operations?: Pick<Operations, 'create' | 'stop' | 'cancel'>;
  /** What an INSERT does with its plan; default: it creates a job. A null is an INSERT that was only planned. */
  readonly submit?: (plan: Plan, options: StartOptions) => Promise<JobId | null>;
  /** A batch query that gives more is refused; absent: its rows may take all of the memory. */
  readonly resultMax?: ResultMax;
  /** Runs a query that never ends, for as long as somebody reads; absent: such queries are refused. */
  readonly openLiveQuery?: (plan: Plan) => Promise<Changes>;
  /** Where savepoints go that neither the session nor the job has a directory for. */
  readonly savepoints?: string | null;
}

const ATTEMPTS_MAX = 8;

const OK: StatementResult = { kind: 'ok' };

export class SqlSession {
  readonly #parts: SessionParts;
  readonly #catalogs: CatalogStore;
  readonly #external: ExternalCatalogs;
  readonly #operations: Pick<Operations, 'create' | 'stop' | 'cancel'>;
  readonly #settings: SessionSettings;
  readonly #openSet = new OpenStatementSet();

  /** `properties`: the options that are in force before the first SET. Throws OPTION_INVALID. */
  constructor(parts: SessionParts, properties: Readonly<Record<string, string>> = {}) {
    this.#parts = parts;
    this.#operations = parts.operations ?? storeOperations(parts.workshop);
    this.#settings = new SessionSettings(properties);
    this.#external = new ExternalCatalogs(parts.openTableCatalog, parts.warehouse);
    this.#catalogs = new CatalogStore(parts.workshop.ports);
  }

  /** Executes a script; what stood before a statement that fails stays done. The signal ends a query that runs. */
  async *run(text: string, signal?: AbortSignal): AsyncGenerator<StatementResult> {
    const statements = statementsOf(text, () => this.#settings.isBatch);
    for (;;) {
      const { value, done } = statements.next();
      if (done === true) return;
      yield await this.#locating(value, signal);
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

  /** Tries statements without doing anything, with the catalogs and options of this moment. */
  async rehearsal(): Promise<Rehearsal> {
    const { warehouse, resolvePath } = this.#parts;
    return new Rehearsal({ warehouse, resolvePath, external: this.#external, catalogs: await this.#catalogs.read(), properties: this.properties });
  }

  /** Executes a text that is one statement; the signal ends a query that runs, and the waiting for what goes on without it. */
  async execute(text: string, signal?: AbortSignal): Promise<StatementResult> {
    const result = await this.#locating(statementOf(text, this.#settings.isBatch), signal);
    if (result.kind === 'job' && result.job !== null && this.#settings.isDmlSync) await untilEnded(this.#parts.workshop, result.job, signal);
    return result;
  }

  /** Executes a statement that prepares the session, or what the session works on: no other is taken. */
  async configure(text: string): Promise<void> {
    const statement = statementOf(text, this.#settings.isBatch);
    const configures = statement.kind === 'set' || statement.kind === 'reset' || (statement.kind !== 'raw-query' && isCatalogStatement(statement));
    if (!configures) throw sqlError('SQL_UNSUPPORTED', text, statement.span, 'A statement that configures no session', 'A session is configured by SET, RESET, USE, CREATE, ALTER and DROP.');
    await this.#locating(statement);
  }

  /** The options in force. */
  get properties(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#settings.sorted());
  }

  async #locating(statement: Statement | RawQuery, signal?: AbortSignal): Promise<StatementResult> {
    try {
      return await this.#execute(statement, signal);
    } catch (error) {
      throw locatedInStatement(error, statement);
    }
  }

  async #execute(statement: Statement | RawQuery, signal: AbortSignal | undefined): Promise<StatementResult> {
    this.#openSet.require(statement);
    switch (statement.kind) {
      case 'begin-statement-set':
        this.#openSet.begin();
        return OK;
      case 'end-statement-set':
        return this.#endSet(statement);
      case 'describe-job':
        return describeJobRow(statement, this.#parts.workshop);
      case 'stop-job':
        return stopJobAs(statement, { ...this.#parts, operations: this.#operations, directory: this.#settings.savepointDirectory, otherwise: this.#parts.savepoints ?? null });
      case 'raw-query':
        return this.#query(statement.text, signal);
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
    return statement.option === null ? { kind: 'table', table: { columns: [resultColumn('key'), resultColumn('value')], rows: Object.entries(withoutSecrets(this.properties)) } } : OK;
  }

  async #insert(insert: Insert | StatementSet): Promise<StatementResult> {
    const plan = await this.#plan(insert);
    if (insert.kind === 'insert' && this.#openSet.isOpen) {
      this.#openSet.add(insert);
      return OK;
    }
    return { kind: 'job', job: await this.#submit(plan) };
  }

  async #submit(plan: Plan): Promise<JobId | null> {
    const { savepoint, allowNonRestored } = this.#settings;
    const options: StartOptions = { savepoint: savepoint === null ? null : this.#parts.resolvePath(savepoint), allowNonRestored };
    return (this.#parts.submit ?? this.#operations.create)(plan, options);
  }

  async #endSet(end: StatementSetEdge): Promise<StatementResult> {
    const text = this.#openSet.end(end);
    return text === null ? OK : this.#locating(statementOf(text, false));
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
    return { kind: 'changes', ...(await open(planQuery(statement, await this.#contextOf(statement)))), zone: this.#settings.zone };
  }

  async #query(text: string, signal: AbortSignal | undefined): Promise<StatementResult> {
    const catalogs = await this.#seenBy(text);
    // DuckDB takes time and memory to load, which only queries shall pay for.
    const { runQuery } = await import('./query.ts');
    const databases = databasesOf(catalogs);
    const tables = fileTables(catalogs, this.#parts.warehouse);
    const current = { catalog: catalogs.currentCatalog, database: catalogs.currentDatabase };
    const { resultMax, workshop } = this.#parts;
    const { openDirectory } = workshop.ports;
    const bounds = { ...(resultMax && { resultMax }), ...(signal && { signal }) };
    const table = await withScans(catalogs, this.#external, (scans) => runQuery(text, { databases, tables, scans, current, openDirectory, access: 'tables', ...bounds }));
    return { kind: 'table', table: { ...table, zone: this.#settings.zone }, isQuery: true };
  }
}

const STREAMING_HINT = "Query what is there with SET 'execution.runtime-mode' = 'batch', or write the result with INSERT INTO.";
