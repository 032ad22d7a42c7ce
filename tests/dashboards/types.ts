// What a dashboard of driftd may hold: Grafana's types, narrowed to the panels that the generator makes and to queries of
// Prometheus. `satisfies DashboardFile` then finds misspelt keys and values wherever Grafana has a type for them.
import type {
  AnnotationQuery, Dashboard, DataQuery, DataSourceRef, FieldConfig, MatcherConfig, Panel, RowPanel,
} from '@grafana/schema';
import type { Options as BarGaugeOptions } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { FieldConfig as TimelineCustom, Options as TimelineOptions } from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type { FieldConfig as TableCustom, Options as TableOptions } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { FieldConfig as LinesCustom, Options as LinesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** JSON holds the values of enums, which TypeScript does not take for the enums. */
type Plain<T> =
  T extends string ? `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;

/** Grafana publishes no package of types for its data source alone: these are the keys that it reads. */
interface PrometheusQuery extends DataQuery {
  datasource?: DataSourceRef;
  editorMode?: 'code' | 'builder';
  expr: string;
  format?: 'time_series' | 'table' | 'heatmap';
  instant?: boolean;
  legendFormat?: string;
  range?: boolean;
}

interface PrometheusAnnotation extends AnnotationQuery<PrometheusQuery> {
  tagKeys?: string;
  textFormat?: string;
  titleFormat?: string;
  useValueForTime?: boolean;
}

interface DataLink {
  targetBlank?: boolean;
  title: string;
  url: string;
}

interface Known<Type extends string, Options, Custom>
  extends Omit<Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> {
  type: Type;
  description: string;
  fieldConfig: {
    defaults: Omit<FieldConfig, 'custom' | 'links'> & { custom?: Partial<Custom>; links?: DataLink[]; unit: string };
    overrides: { matcher: MatcherConfig; properties: { id: string; value?: unknown }[] }[];
  };
  options: Partial<Options>;
  targets: PrometheusQuery[];
  title: string;
}

type None = Record<string, never>;

type KnownPanel =
  | Known<'stat', StatOptions, None>
  | Known<'timeseries', LinesOptions, LinesCustom>
  | Known<'bargauge', BarGaugeOptions, None>
  | Known<'state-timeline', TimelineOptions, TimelineCustom>
  | Known<'table', TableOptions, TableCustom>
  | RowPanel;

export type DashboardFile = Plain<
  Omit<Dashboard, 'panels' | 'annotations'> & {
    annotations: { list: PrometheusAnnotation[] };
    panels: KnownPanel[];
  }
>;
