<?php
// Drives Xav-74/parcelTracking's client (v2.2) through a registration's life,
// and has its webhook page verify what Waypost sends. The stand-ins for Jeedom,
// which the plugin runs in, are in jeedom.php.
require_once __DIR__ . '/jeedom.php';
require __DIR__ . '/3rdparty/parcelTracking_API.php';

function check(string $step, bool $ok, $got = null): void
{
    echo $step . ': ' . ($ok ? 'ok' : 'FAILED: ' . json_encode($got)) . "\n";
    $ok || exit(1);
    usleep(400000); // the client doesn't pace itself
}

function answer(object $result): array
{
    return json_decode($result->body, true);
}

$receiver = proc_open(
    [PHP_BINARY, '-S', getenv('WAYPOST_RECEIVE'), __DIR__ . '/core/php/webhook.php'],
    [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']],
    $pipes
);
register_shutdown_function(fn () => proc_terminate($receiver));

function received(string $kind): bool
{
    for ($i = 0; $i < 60; $i++) {
        $said = @file_get_contents(getenv('WAYPOST_SAID')) ?: '';
        if (str_contains($said, 'Valid signature') && str_contains($said, '"event":"' . $kind . '"')) {
            return true;
        }
        usleep(500000);
    }
    return false;
}

$number = getenv('WAYPOST_NUMBER');
$client = fn ($carrier) => new parcelTracking_API(getenv('WAYPOST_KEY'), $number, 'default', $carrier, '');
$made = answer($client('')->registerTrackingId());
check('register', count($made['data']['accepted']) === 1, $made);
$carrier = $made['data']['accepted'][0]['carrier'];
check('webhook after the first result', received('TRACKING_UPDATED'));
$info = answer($client($carrier)->getTrackingResult());
check('gettrackinfo', !empty($info['data']['accepted'][0]['track_info']['latest_event']), $info);
$changed = answer($client($carrier)->updateRegistrationInfo());
check('changeinfo', $changed['code'] === 0 && count($changed['data']['accepted']) === 1, $changed);
$same = answer($client($carrier)->updateRegistrationCarrier());
check('changecarrier to the same is refused', $same['data']['rejected'][0]['error']['code'] === -18019803, $same);
$quota = answer($client('')->getQuota());
check('getquota', is_int($quota['data']['quota_used']), $quota);
$gone = answer($client('')->deleteTrackingId());
check('deletetrack', count($gone['data']['accepted']) === 1, $gone);
