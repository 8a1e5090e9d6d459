import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { settingNames } from '../../../lib/setting-names';

const UNIT = path.join(__dirname, '../../../docs/image-relay.service');
const unit = fs.readFileSync(UNIT, 'utf8');
const isInstalled = spawnSync('systemd-analyze', ['--version']).error === undefined;
const describeWithSystemd = isInstalled ? describe : describe.skip;

describe('the systemd unit', () => {
  it('names settings that there are', () => {
    const ours = [...unit.matchAll(/^#?Environment=((?:IMGUR|API)\w+)=/gm)].map(([, name]) => name);
    expect(ours).toEqual(['IMGUR_CLIENT_ID_FILE', 'API_KEYS_FILE']);
    expect(settingNames()).toEqual(expect.arrayContaining(ours));
  });

  it('starts anew after a crash, and not after a bad setting', () => {
    expect(unit).toMatch(/^Restart=on-failure$/m);
    expect(unit).toMatch(/^RestartPreventExitStatus=1$/m);
  });
});

describeWithSystemd('systemd itself', () => {
  it('takes the unit', () => {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', UNIT], { encoding: 'utf8' });
    // It looks for the program too, which may lie elsewhere here.
    expect((stdout + stderr).replace(/^.*\/usr\/bin\/node.*\n/gm, '')).toBe('');
  });
});
