<?php
// What Xav-74/parcelTracking uses of Jeedom, as far as the harness needs it.
class log
{
    public static function add($plugin, $level, $text): void
    {
        file_put_contents(getenv('WAYPOST_SAID'), $text . "\n", FILE_APPEND);
    }
}

class config
{
    public static function byKey($key, $plugin): string
    {
        return getenv('WAYPOST_KEY');
    }
}

class eqLogic
{
    public static function byLogicalId($id, $plugin)
    {
        return null;
    }
}

function include_file($folder, $name, $kind): void
{
}
