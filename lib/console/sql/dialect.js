/** Flink SQL, for its colours: what is right the server says. */
import { SQLDialect } from '@codemirror/lang-sql';

const KEYWORDS =
  'add all alter analyze and as asc at batch begin between by call case cast catalog catalogs coalesce column columns comment compile constraint create cross cube cumulate ' +
  'current current_date current_row current_time current_timestamp database databases default desc describe descriptor distinct drop else end enforced escape except execute exists ' +
  'explain extract false fetch filter first following for from full function functions group grouping having hop if in inner insert intersect interval into is jar jars join ' +
  'job jobs key last lateral left like limit load localtime localtimestamp match_recognize metadata minus modify module modules natural not null nulls of offset on only options or order ' +
  'outer over overlaps overwrite partition partitioned partitions persisted plan preceding primary range rename reset right rollup row rows savepoint select session set sets ' +
  'show similar size slide some statement stop symmetric system system_time table tables tablesample temporary then to true truncate tumble unbounded union unique unload ' +
  'unknown unnest update use using values view views virtual watermark when where window with within without year month day hour minute second';

const TYPES =
  'array bigint binary boolean bytes char date dec decimal double float int integer map multiset numeric precision raw real smallint string time timestamp timestamp_ltz tinyint varbinary varchar varying zone';

export const FLINK = SQLDialect.define({ keywords: KEYWORDS, types: TYPES, identifierQuotes: '`', slashComments: false, hashComments: false });
