/**
 * The shapes of the REST API, under the names that the page uses. Types alone: nothing of the project is loaded.
 * @template S @typedef {import('../control/rest/shape.ts').Of<S>} Of
 */

/** @typedef {Of<typeof import('../control/rest/sluice/description.ts').JOB>} Job */
/** @typedef {NonNullable<Job['state']>} State */
/** @typedef {State['sources'][number]} Source */
/** @typedef {State['operators'][number]} Operator */
/** @typedef {Operator['windows'][number]} OpenWindow */
/** @typedef {Of<typeof import('../control/rest/sluice/description.ts').PARTITION>} Partition */
/** @typedef {NonNullable<Job['plan']>} PlanGraph */
/** @typedef {PlanGraph['nodes'][number]} PlanNode */
/** @typedef {Job['savepoints'][number]} Savepoint */
/** @typedef {NonNullable<Job['operation']>} Operation */
/** @typedef {Of<typeof import('../control/rest/sluice/words.ts').SAMPLE>} Sample */
/** @typedef {Of<typeof import('../control/rest/sluice/words.ts').FAILURE>} Failure */
/** @typedef {Of<typeof import('../control/rest/sluice/words.ts').RECORD_ERROR>} RecordError */
/** @typedef {Job['status']} JobStatus */
/** @typedef {import('../control/rest/sluice/job-list.ts').JobItem} JobItem one job in the list */

export {};
