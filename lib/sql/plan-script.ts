/** A job from SQL alone: a script that says all that it needs is planned against nothing but itself. Pure; no store, no files. */
import { SluiceError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Insert, QueryStatement, Statement, StatementSet } from './ast.ts';
import { changeCatalogs } from './catalog-change.ts';
import { newCatalogs } from './catalog.ts';
import { sqlError } from './diagnostic.ts';
import { parseStatement } from './parse.ts';
import { planContext, withAbsolutePaths, type Surroundings } from './plan-catalog.ts';
import type { PlanContext } from './plan-context.ts';
import { planInsert, planQuery } from './plan.ts';
import { locatedInScript, locatedInStatement, statementsOf, type RawQuery, type Script } from './script.ts';
import { SessionSettings } from './session-settings.ts';

/** The one job of a script. */
export interface ScriptedJob {
  readonly plan: Plan;
  /** What 'execution.state-recovery.path' was when the INSERT came: where a new job begins; null for a job without state. */
  readonly savepoint: string | null;
  readonly allowNonRestored: boolean;
}

/**
 * The plan of the only INSERT in a text, or in several that follow one another (definitions first). Other statements are SET, RESET, CREATE, DROP
 * and USE; the catalogs are empty at the beginning. Throws what a session throws, with line, column and hint; of scripts also with their name.
 */
export const planScript = (scripts: string | readonly Script[], surroundings: Surroundings): Plan => planJob(scripts, surroundings).plan;

export interface ScriptOptions {
  /** A query alone is a job as well: its rows go to the sink `COLLECTED`. */
  readonly collects?: boolean;
}

/** As `planScript`, with what the script says about the beginning of the job. */
export function planJob(scripts: string | readonly Script[], surroundings: Surroundings, { collects = false }: ScriptOptions = {}): ScriptedJob {
  const planner = new ScriptPlanner(surroundings, collects);
  if (typeof scripts === 'string') for (const statement of statementsOf(scripts, () => false)) planner.execute(statement);
  else for (const script of scripts) executeScript(planner, script);
  return planner.job(typeof scripts === 'string' ? [] : scripts);
}

function executeScript(planner: ScriptPlanner, script: Script): void {
  let count = 1;
  try {
    for (const statement of statementsOf(script.text, () => false)) {
      planner.execute(statement);
      count++;
    }
  } catch (error) {
    throw locatedInScript(error, script, count);
  }
}

class ScriptPlanner {
  readonly #surroundings: Surroundings;
  readonly #collects: boolean;
  readonly #settings = new SessionSettings();
  #catalogs = newCatalogs();
  #job: ScriptedJob | null = null;

  constructor(surroundings: Surroundings, collects: boolean) {
    this.#surroundings = surroundings;
    this.#collects = collects;
  }

  job(scripts: readonly Script[]): ScriptedJob {
    if (this.#job !== null) return this.#job;
    const last = scripts.at(-1);
    if (this.#collects && last !== undefined) parseStatement(last.text);
    const names = scripts.map(({ name }) => name ?? 'the command line').join(', ');
    throw new SluiceError('SQL_VALIDATE', { message: `there is no INSERT in ${names === '' ? 'the script' : names}`, hint: 'A job is one INSERT INTO … SELECT ….' });
  }

  execute(statement: Statement | RawQuery): void {
    try {
      this.#execute(statement);
    } catch (error) {
      throw locatedInStatement(error, statement);
    }
  }

  #execute(statement: Statement | RawQuery): void {
    switch (statement.kind) {
      case 'insert':
      case 'statement-set':
        this.#job = this.#plan(statement, planInsert);
        return;
      case 'set':
        return this.#settings.set(statement);
      case 'reset':
        return this.#settings.reset(statement);
      case 'query':
        if (!this.#collects) throw outOfPlace(statement, 'a statement that shows something');
        this.#job = this.#plan(statement, planQuery);
        return;
      case 'raw-query':
      case 'explain':
      case 'show':
      case 'show-create':
      case 'describe':
      case 'describe-job':
        throw outOfPlace(statement, 'a statement that shows something');
      case 'stop-job':
        throw outOfPlace(statement, 'STOP JOB');
      case 'begin-statement-set':
      case 'end-statement-set':
        throw outOfPlace(statement, 'half a statement set');
      default:
        this.#catalogs = changeCatalogs(this.#catalogs, withAbsolutePaths(statement, this.#surroundings), { ...this.#surroundings, options: this.#settings.ofPlan() });
    }
  }

  #plan<S extends Insert | StatementSet | QueryStatement>(statement: S, planStatement: (statement: S, context: PlanContext) => Plan): ScriptedJob {
    const { source, span } = statement;
    if (this.#job !== null) throw sqlError('SQL_UNSUPPORTED', source, span, 'a second INSERT in the script of a job', 'Put them into one statement set: EXECUTE STATEMENT SET BEGIN INSERT …; INSERT …; END.');
    const { savepoint, allowNonRestored } = this.#settings;
    const plan = planStatement(statement, planContext(this.#catalogs, source, this.#surroundings, this.#settings.ofPlan(), 'scripted'));
    return { plan, savepoint: savepoint === null ? null : this.#surroundings.resolvePath(savepoint), allowNonRestored };
  }
}

const outOfPlace = ({ source, span }: Statement | RawQuery, what: string): SluiceError =>
  sqlError('SQL_UNSUPPORTED', source, span, `${what}, in the script of a job`, WHAT_BELONGS);

const WHAT_BELONGS = 'It consists of SET, CREATE, ALTER, DROP and USE, and one INSERT; `sluice sql` runs other statements.';
