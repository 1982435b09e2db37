# Ruby, the sqlite3 gem.
require 'sqlite3'

KINDS = { 'i' => :to_i.to_proc, 'f' => :to_f.to_proc, 't' => :to_s.to_proc, 'n' => ->(_) {} }

def connect
  db = SQLite3::Database.new('telemetry.db')
  db.enable_load_extension(true)
  db.load_extension('./libjarvis_stats')
  db
end

db = connect
File.foreach('conversation.txt', encoding: 'utf-8', chomp: true) do |line|
  next if line.start_with?('#')

  label, sql, *values = line.split("\t")
  puts "== #{label}"
  if label == 'reopen'
    db.close
    db = connect
    next
  end
  begin
    rows = db.execute(sql, values.map { |value| KINDS[value[0]].call(value[2..]) })
    rows.each { |row| puts row.map { |value| value.nil? ? 'NULL' : value }.join('|') }
  rescue SQLite3::Exception => e
    puts "error: #{e.message}"
  end
end
db.close
