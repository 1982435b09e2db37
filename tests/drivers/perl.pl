# Perl, DBI with DBD::SQLite. It binds every value as TEXT unless told otherwise.
use strict;
use warnings;
use DBI;
use open qw(:std :encoding(UTF-8));

sub connect_db {
    my $db = DBI->connect('dbi:SQLite:dbname=telemetry.db', '', '', { RaiseError => 1, PrintError => 0, sqlite_unicode => 1 });
    $db->sqlite_enable_load_extension(1);
    $db->sqlite_load_extension('./libjarvis_stats');
    return $db;
}

my $db = connect_db();
open my $conversation, '<', 'conversation.txt' or die $!;
while (my $line = <$conversation>) {
    chomp $line;
    next if $line =~ /^#/;
    my ($label, $sql, @values) = split /\t/, $line;
    print "== $label\n";
    if ($label eq 'reopen') { $db->disconnect; $db = connect_db(); next }
    my $rows = eval { $db->selectall_arrayref($sql, undef, map { /^n:/ ? undef : substr $_, 2 } @values) };
    if (!$rows) { chomp(my $error = $@); utf8::decode($error); print "error: $error\n"; next }  # messages arrive as bytes
    print join('|', map { $_ // 'NULL' } @$_), "\n" for @$rows;
}
$db->disconnect;
