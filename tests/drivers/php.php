<?php
// PHP's SQLite3 class: php -d sqlite3.extension_dir=/directory/of/the/library php.php
function connect(): SQLite3
{
    $db = new SQLite3('telemetry.db');
    $db->enableExceptions(true);
    $db->loadExtension('libjarvis_stats.so');
    return $db;
}

const KINDS = ['i' => SQLITE3_INTEGER, 'f' => SQLITE3_FLOAT, 't' => SQLITE3_TEXT, 'n' => SQLITE3_NULL];

$db = connect();
foreach (file('conversation.txt', FILE_IGNORE_NEW_LINES) as $line) {
    if ($line[0] === '#') {
        continue;
    }
    $values = explode("\t", $line);
    $label = array_shift($values);
    $sql = array_shift($values);
    echo "== $label\n";
    if ($label === 'reopen') {
        $db->close();
        $db = connect();
        continue;
    }
    try {
        $statement = $db->prepare($sql);
        foreach ($values as $n => $value) {
            $statement->bindValue($n + 1, substr($value, 2), KINDS[$value[0]]);
        }
        $result = $statement->execute();
        while ($row = $result->fetchArray(SQLITE3_NUM)) {
            echo implode('|', array_map(fn ($value) => $value ?? 'NULL', $row)), "\n";
        }
    } catch (Exception $error) {
        echo 'error: ', $error->getMessage(), "\n";
    }
}
