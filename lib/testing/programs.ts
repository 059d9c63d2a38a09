/** The programs of the definitions that a test runs, by what their plans say of them. */
import type { BuiltJob, JobDefinition } from '../api/define.ts';
import { SluiceError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { NO_CODE, type Code } from '../core/process/code.ts';

export class Programs {
  readonly #built: BuiltJob[] = [];

  /** The plan of a definition, which names its program. Throws what building it throws. */
  planOf(definition: JobDefinition): Plan {
    const built = definition.build();
    this.#built.push(built);
    return { ...built.plan, program: String(this.#built.length - 1) };
  }

  /** What the functions of a plan are. */
  codeOf({ program }: Plan): Code {
    if (program === undefined) return NO_CODE;
    const built = this.#built[Number(program)];
    if (built !== undefined) return built.code;
    throw new SluiceError('CODE_MISSING', { message: `no definition of this run has made the plan of program ${program}` });
  }
}
