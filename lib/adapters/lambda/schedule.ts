/** The rule of EventBridge that ticks (§10 b). */
import { DescribeRuleCommand, DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { ControlPlane } from './control-plane.ts';

/** A rule that is as it should be is not written to. Members throw CONSUMERS_REFUSED, StoreError. */
export class EventBridgeSchedule {
  readonly #client: EventBridgeClient;
  readonly #plane: ControlPlane;
  readonly #rule: string;

  constructor(client: EventBridgeClient, plane: ControlPlane, rule: string) {
    this.#client = client;
    this.#plane = plane;
    this.#rule = rule;
  }

  async enable(): Promise<void> {
    if (await this.#isEnabled()) return;
    await this.#plane.write('events:EnableRule', this.#rule, (options) => this.#client.send(new EnableRuleCommand({ Name: this.#rule }), options));
  }

  async disable(): Promise<void> {
    if (!(await this.#isEnabled())) return;
    await this.#plane.write('events:DisableRule', this.#rule, (options) => this.#client.send(new DisableRuleCommand({ Name: this.#rule }), options));
  }

  async #isEnabled(): Promise<boolean> {
    const { State } = await this.#plane.read('events:DescribeRule', this.#rule, (options) => this.#client.send(new DescribeRuleCommand({ Name: this.#rule }), options));
    return State !== 'DISABLED';
  }
}
