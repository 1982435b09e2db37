// Java, sqlite-jdbc: java -cp /usr/share/java/sqlite-jdbc.jar Jdbc.java
import java.nio.file.*;
import java.sql.*;
import java.util.*;

public class Jdbc {
    static Connection connect() throws SQLException {
        Connection db = DriverManager.getConnection("jdbc:sqlite:telemetry.db?enable_load_extension=true");
        db.createStatement().execute("SELECT load_extension('./libjarvis_stats')");
        return db;
    }

    static void ask(Connection db, String sql, List<String> values) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(sql)) {
            for (int n = 0; n < values.size(); n++) {
                String value = values.get(n).substring(2);
                switch (values.get(n).charAt(0)) {
                    case 'i' -> statement.setLong(n + 1, Long.parseLong(value));
                    case 'f' -> statement.setDouble(n + 1, Double.parseDouble(value));
                    case 't' -> statement.setString(n + 1, value);
                    default -> statement.setNull(n + 1, Types.NULL);
                }
            }
            ResultSet rows = statement.executeQuery();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringJoiner row = new StringJoiner("|");
                for (int column = 1; column <= columns; column++) {
                    Object value = rows.getObject(column);
                    row.add(value == null ? "NULL" : value.toString());
                }
                System.out.println(row);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Connection db = connect();
        for (String line : Files.readAllLines(Path.of("conversation.txt"))) {
            if (line.startsWith("#")) continue;
            List<String> step = Arrays.asList(line.split("\t"));
            System.out.println("== " + step.get(0));
            try {
                if (step.get(0).equals("reopen")) {
                    db.close();
                    db = connect();
                } else {
                    ask(db, step.get(1), step.subList(2, step.size()));
                }
            } catch (SQLException error) {
                System.out.println("error: " + error.getMessage());
            }
        }
        db.close();
    }
}
