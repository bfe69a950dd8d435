/** One worker of `npm run simulate`: takes a campaign, tells how far it is, and what failed. */
import { type Campaign, runCampaign } from '../../test/simulation/swarm/campaign.ts';

process.once('message', (campaign: Campaign) => {
  const say = (message: object) => process.send?.(message);
  const totals = runCampaign(
    campaign,
    (progress) => say({ progress: { ...progress, writableMillis: [], convergedMillis: [] } }),
    (failure) => say({ failure }),
  );
  process.send?.({ done: totals }, () => process.disconnect());
});
