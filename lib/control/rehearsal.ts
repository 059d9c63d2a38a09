/** A script as a session would execute it, with nothing done: statements are parsed and planned, and what they define is known to those behind them alone. */
import { isError, type SluiceError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Insert, QueryStatement, Statement, StatementSet } from '../sql/ast.ts';
import { changeCatalogs, isCatalogStatement, type CatalogStatement } from '../sql/catalog-change.ts';
import { viewTexts, type Catalog, type Catalogs } from '../sql/catalog.ts';
import { planContext, withAbsolutePaths, type Surroundings } from '../sql/plan-catalog.ts';
import { planInsert, planQuery } from '../sql/plan.ts';
import { locatedInStatement, statementsOf, type RawQuery } from '../sql/script.ts';
import { SessionSettings } from '../sql/session-settings.ts';
import { isExternal, type ExternalCatalogs } from './external-catalogs.ts';
import { OpenStatementSet } from './statement-set.ts';

export interface RehearsalParts extends Surroundings {
  readonly external: ExternalCatalogs;
  /** As they are when it begins. */
  readonly catalogs: Catalogs;
  readonly properties: Readonly<Record<string, string>>;
}

/** Mistakes that are told at once: nobody reads more. */
const ERRORS_MAX = 100;

export class Rehearsal {
  readonly #parts: RehearsalParts;
  readonly #settings: SessionSettings;
  readonly #openSet = new OpenStatementSet();
  #catalogs: Catalogs;
  /** External catalogs that the script changes: what is there in truth lacks it. */
  readonly #changed = new Set<string>();
  /** Of its INSERTs and queries. */
  readonly plans: Plan[] = [];

  constructor(parts: RehearsalParts) {
    this.#parts = parts;
    this.#settings = new SessionSettings(parts.properties);
    this.#catalogs = parts.catalogs;
  }

  /** Its mistakes, located. Behind a definition that fails, or what cannot be parsed, nothing more is looked at: it would be wrong because of that. */
  async run(text: string): Promise<readonly SluiceError[]> {
    const errors: SluiceError[] = [];
    const statements = this.#parsed(text, errors);
    for (let next = statements.next(); next.done !== true && errors.length < ERRORS_MAX; next = statements.next()) {
      const error = await this.#tried(next.value);
      if (error !== null) errors.push(error);
      if (error !== null && next.value.kind !== 'raw-query' && isCatalogStatement(next.value)) break;
    }
    return errors;
  }

  *#parsed(text: string, errors: SluiceError[]): Generator<Statement | RawQuery> {
    try {
      yield* statementsOf(text, () => this.#settings.isBatch);
    } catch (thrown) {
      if (!isError(thrown)) throw thrown;
      errors.push(thrown);
    }
  }

  async #tried(statement: Statement | RawQuery): Promise<SluiceError | null> {
    try {
      await this.#try(statement);
      return null;
    } catch (thrown) {
      const error = locatedInStatement(thrown, statement);
      if (isError(error)) return error;
      throw error;
    }
  }

  async #try(statement: Statement | RawQuery): Promise<void> {
    this.#openSet.require(statement);
    switch (statement.kind) {
      case 'set':
        return this.#settings.set(statement);
      case 'reset':
        return this.#settings.reset(statement);
      case 'begin-statement-set':
        return this.#openSet.begin();
      case 'end-statement-set':
        return void this.#openSet.end(statement);
      case 'explain':
        return this.#plan(statement.statement);
      case 'insert':
        await this.#plan(statement);
        if (this.#openSet.isOpen) this.#openSet.add(statement);
        return;
      case 'statement-set':
      case 'query':
        return this.#plan(statement);
      default:
        if (statement.kind !== 'raw-query' && isCatalogStatement(statement)) await this.#change(statement);
    }
  }

  async #plan(statement: Insert | StatementSet | QueryStatement): Promise<void> {
    const options = this.#settings.ofPlan();
    const seen = await this.#seenBy([statement.text, ...Object.values(options)].join(' '));
    const context = planContext(seen, statement.source, this.#parts, options);
    this.plans.push(statement.kind === 'query' ? planQuery(statement, context) : planInsert(statement, context));
  }

  async #change(statement: CatalogStatement): Promise<void> {
    const seen = await this.#seenBy(statement.text);
    this.#catalogs = changeCatalogs(seen, withAbsolutePaths(statement, this.#parts), { ...this.#parts, options: this.#settings.ofPlan() });
    for (const catalog of this.#catalogs.catalogs) if (isExternal(catalog) && !seen.catalogs.includes(catalog)) this.#changed.add(catalog.name);
  }

  async #seenBy(text: string): Promise<Catalogs> {
    const own = (catalog: Catalog): boolean => this.#changed.has(catalog.name);
    const others = { ...this.#catalogs, catalogs: this.#catalogs.catalogs.filter((catalog) => !own(catalog)) };
    const seen = await this.#parts.external.seenBy([text, ...viewTexts(this.#catalogs)].join(' '), others);
    return { ...seen, catalogs: [...this.#catalogs.catalogs.filter(own), ...seen.catalogs] };
  }
}
