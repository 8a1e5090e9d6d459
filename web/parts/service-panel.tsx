import type { HealthView } from '../../lib/http/schemas';
import { keyStore } from '../api';
import { keptJobs } from '../kept-jobs';
import { countWords } from '../figures-in-words';
import { useService } from '../service';
import { bars, type Throughput } from '../throughput';
import { Fact } from './fact';
import { imgurName } from './service-pill';

/** What goes on in the service: where the pictures go, how many wait, and how fast it is. */
export function ServicePanel() {
  const { health, throughput, refresh } = useService();
  return (
    <section class="card" aria-labelledby="service-title">
      <h2 id="service-title">Service</h2>
      <dl class="facts">
        <Fact name="Imgur" value={health && imgurName(health.imgur)} />
        <Fact name="Waiting" value={health?.pending?.toLocaleString()} />
        <Fact name="Under way" value={health?.inFlight?.toLocaleString()} />
        {health?.store === 'postgres' && <Fact name="Processes" value={processes(health)} />}
      </dl>
      <ThroughputPlot throughput={throughput} />
      {health?.imgur === 'embedded' && (
        <p class="quiet note">
          No Imgur credential is set: pictures go to the embedded Imgur, which keeps them in memory
          only.
        </p>
      )}
      {keyStore.get() !== null && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            keyStore.forget();
            // They were shown to whoever had it.
            keptJobs.forgetAll();
            refresh();
          }}
        >
          Forget the key
        </button>
      )}
    </section>
  );
}

const [WIDTH, HEIGHT] = [300, 56];

function ThroughputPlot({ throughput }: { throughput: Throughput }) {
  const values = bars(throughput, Date.now());
  const total = Math.round(values.reduce((sum, value) => sum + value, 0));
  const most = Math.max(...values, 1);
  const step = WIDTH / values.length;
  const text = `${countWords(total, 'image')} in the last 5 minutes`;
  return (
    <figure class="plot">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={text}
        preserveAspectRatio="none"
      >
        <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
        {values.map((value, at) => {
          const height = value > 0 ? Math.max(2, (value / most) * (HEIGHT - 4)) : 0;
          const [x, y] = [at * step + 1, HEIGHT - height];
          return <rect key={at} x={x} y={y} width={step - 2} height={height} rx="1" />;
        })}
      </svg>
      <figcaption class="quiet row apart">
        <span aria-hidden="true">{text}</span>
        {total > 0 && <span>peak {(most / 10).toFixed(1)} per second</span>}
      </figcaption>
    </figure>
  );
}

/** How many there are on one database, and how many images each that works has under way. */
function processes({ instances }: HealthView): string | undefined {
  if (!instances) return undefined;
  const working = instances.filter(({ role }) => role !== 'api');
  return `${instances.length} (${working.map(({ inFlight }) => inFlight).join(' + ')} under way)`;
}
