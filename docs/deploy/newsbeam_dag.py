"""Run newsbeam every 15 minutes from Airflow 3. Install in the folder of the DAGs.

newsbeam has a virtual environment of its own, so that it and Airflow need not agree on versions.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="newsbeam",
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # one run catches up with all that were missed
    max_active_runs=1,
):
    BashOperator(
        task_id="run",
        bash_command="/opt/newsbeam/bin/newsbeam run /etc/newsbeam/newsbeam.yaml",
        skip_on_exit_code=4,  # another run still works
        retries=2,
        retry_delay=timedelta(minutes=1),
        execution_timeout=timedelta(hours=6),  # longer than your longest run
    )
