<?php
// Drives crasphbb/17track (v2.1) through a registration's life.
require '/usr/share/php/GuzzleHttp/autoload.php';
spl_autoload_register(function ($class) {
    $file = __DIR__ . '/src/' . str_replace(['Crasp\\Seventeentrack\\', '\\'], ['', '/'], $class) . '.php';
    if (is_file($file)) {
        require $file;
    }
});

use Crasp\Seventeentrack\Track;

function check(string $step, bool $ok, $got = null): void
{
    echo $step . ': ' . ($ok ? 'ok' : 'FAILED: ' . json_encode($got)) . "\n";
    $ok || exit(1);
    usleep(400000); // the client doesn't pace itself
}

$number = getenv('WAYPOST_NUMBER');
$client = new Track(getenv('WAYPOST_KEY'));
$made = $client->register($number, null, ['tag' => 'compat']);
check('register', count($made['data']['accepted']) === 1, $made);
$carrier = $made['data']['accepted'][0]['carrier'];
for ($i = 0; $i < 60; $i++) {
    $info = $client->getTrackInfoMulti([['number' => $number, 'carrier' => $carrier]]);
    if (!empty($info['data']['accepted'][0]['track_info']['latest_event'])) {
        break;
    }
    usleep(500000);
}
check('gettrackinfo', !empty($info['data']['accepted'][0]['track_info']['latest_event']), $info);
$changed = $client->changeTrack($number, $carrier, ['tag' => 'other']);
check('changeinfo', count($changed['data']['accepted']) === 1, $changed);
$info = $client->getTrackInfo($number, $carrier);
check('gettrackinfo after changeinfo', $info['tag'] === 'other', $info);
$pushed = $client->selfPush($number, $carrier);
check('push', count($pushed['data']['accepted']) === 1, $pushed);
$stopped = $client->stopTracking($number, $carrier);
check('stoptrack', count($stopped['data']['accepted']) === 1, $stopped);
$refused = $client->changeCarrier($number, 21051, $carrier);
check('changecarrier of a stopped one is refused', $refused['data']['rejected'][0]['error']['code'] === -18019806, $refused);
$back = $client->reTrackMulti([['number' => $number, 'carrier' => $carrier]]);
check('retrack', count($back['data']['accepted']) === 1, $back);
$gone = $client->delTrack($number, $carrier);
check('deletetrack', count($gone['data']['accepted']) === 1, $gone);
