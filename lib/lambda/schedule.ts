/**
 * The tick (§10 b): enabled while some job is in a state that is not final. Whoever disables it looks for jobs once more afterwards and enables it
 * again if there is one: a job that was created meanwhile may have found it enabled still.
 */
export interface Schedule {
  enable(): Promise<void>;
  disable(): Promise<void>;
}
