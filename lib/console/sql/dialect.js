/** Flink SQL, for its colours: what is right the server says. */
import { SQLDialect, StandardSQL } from '@codemirror/lang-sql';

const WORDS =
  'analyze batch catalogs columns compile cumulate databases describe descriptor desc enforced explain functions hop if jar jobs lateral load metadata modules overwrite partitioned plan remove rename reset savepoint session show size slide statement stop stream sysfunctions tables tumble unload use views watermark';

export const FLINK = SQLDialect.define({
  ...StandardSQL.spec,
  keywords: `${StandardSQL.spec.keywords ?? ''} ${WORDS}`,
  types: `${StandardSQL.spec.types ?? ''} bigint boolean bytes decimal double float int map multiset row smallint string timestamp_ltz tinyint`,
  identifierQuotes: '`',
});
