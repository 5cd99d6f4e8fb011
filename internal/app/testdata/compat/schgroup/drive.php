<?php
// Drives sch-group/17track (v1) through a registration's life.
require '/usr/share/php/GuzzleHttp/autoload.php';
spl_autoload_register(function ($class) {
    $file = __DIR__ . '/src/' . str_replace(['SchGroup\\SeventeenTrack\\', '\\'], ['', '/'], $class) . '.php';
    if (is_file($file)) {
        require $file;
    }
});

use SchGroup\SeventeenTrack\Connectors\TrackingConnector;

function check(string $step, bool $ok, $got = null): void
{
    echo $step . ': ' . ($ok ? 'ok' : 'FAILED: ' . json_encode($got)) . "\n";
    $ok || exit(1);
    usleep(400000); // the client doesn't pace itself
}

function refused(callable $call): int
{
    try {
        $call();
        return 0;
    } catch (Exception $e) {
        return $e->getCode();
    }
}

$number = getenv('WAYPOST_NUMBER');
$client = new TrackingConnector(getenv('WAYPOST_KEY'));
check('register', $client->register($number));
check('register again is refused', refused(fn () => $client->register($number)) === -18019901);
for ($i = 0; $i < 60; $i++) {
    try {
        $last = $client->getLastTrackEvent($number);
        break;
    } catch (Exception $e) {
        usleep(500000);
    }
}
check('getLastTrackEvent', isset($last), isset($e) ? $e->getMessage() : null);
check('getPureTrackInfo', count($client->getPureTrackInfo($number)) > 0);
check('getLastTrackEventMulti', isset($client->getLastTrackEventMulti([$number])[$number]));
check('stopTracking', $client->stopTracking($number));
check('reTrack', $client->reTrack($number));
check('reTrack again is refused', refused(fn () => $client->reTrack($number)) === -18019904);
check('changeCarrier to none there is is refused', refused(fn () => $client->changeCarrier($number, 99)) !== 0);
